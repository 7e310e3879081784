//! How much all caches hold together.

/// How the memory for what is kept is divided, in bytes. Each cache has a share of its own, so that a client who asks for
/// many views of one kind throws nothing away of another; together they are never more than the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Answers as they were sent.
    pub pages: u64,
    /// Public bodies, with their lines.
    pub bodies: u64,
    /// Reports.
    pub reports: u64,
}

impl Shares {
    /// The shares of so many bytes.
    pub const fn of(whole: u64) -> Self {
        let eighth = whole / 8;
        Self {
            pages: 4 * eighth,
            bodies: 3 * eighth,
            reports: eighth,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_are_no_more_than_the_whole() {
        for whole in [0, 7, 1 << 20, 96 << 20, u64::MAX] {
            let shares = Shares::of(whole);
            let all = [shares.pages, shares.bodies, shares.reports];
            assert!(all.iter().map(|share| u128::from(*share)).sum::<u128>() <= u128::from(whole));
        }
    }
}
