//! Numbers that follow from other numbers, and look as if they did not.

/// A number that follows from these.
pub fn mixed(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |state, part| {
        // SplitMix64, by Sebastiano Vigna.
        let mut z = (state ^ *part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// A number from `least` to `most` that follows from these.
pub fn between(parts: &[u64], least: i64, most: i64) -> i64 {
    let span = most.abs_diff(least) + 1;
    least + i64::try_from(mixed(parts) % span).unwrap_or(0)
}

/// A text as a number.
pub fn of_text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Parts of a whole by weights: they add up to it, to the last unit. The first takes what is left of a unit.
pub fn divided(whole: i64, weights: &[i64]) -> Vec<i64> {
    let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if all == 0 {
        return weights.iter().map(|_| 0).collect();
    }
    let part = |weight: &i64| i64::try_from(i128::from(whole) * i128::from(*weight) / all);
    let mut parts: Vec<i64> = weights
        .iter()
        .map(|weight| part(weight).unwrap_or(0))
        .collect();
    let left = whole - parts.iter().sum::<i64>();
    if let Some(first) = parts.first_mut() {
        *first += left;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_whole() {
        for whole in [0, 1, -7, 1_000_003, 987_654_321_012_345] {
            let parts = divided(whole, &[3, 1, 1, 7]);
            assert_eq!(parts.iter().sum::<i64>(), whole, "{whole}");
        }
        assert!(divided(5, &[]).is_empty());
        assert!((3..=9).contains(&between(&[1, 2], 3, 9)));
        assert_eq!(mixed(&[1, 2]), mixed(&[1, 2]));
        assert_ne!(mixed(&[1, 2]), mixed(&[2, 1]));
    }
}
