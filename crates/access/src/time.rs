//! The moments at which a token begins and ends, in RFC 3339 and UTC, as the database keeps them.

use std::time::Duration;

use jiff::{SignedDuration, SpanRelativeTo, Timestamp};

/// The longest that a token may be valid, or that what was noted can be kept: ten years.
const MAX_LIFETIME: Duration = Duration::from_hours(24 * 3660);

/// The shortest.
const MIN_LIFETIME: Duration = Duration::from_mins(1);

/// Why a text is not how long something is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» does not say how long: expected such as 90d or 12h, from 1min to 3660d")]
pub struct NotALifetime(String);

/// Now.
pub fn now() -> String {
    written(Timestamp::now())
}

/// Now and so much later. The end of time where it would be later than that.
pub fn after(lifetime: Duration) -> String {
    let lifetime = SignedDuration::try_from(lifetime).unwrap_or(SignedDuration::MAX);
    let end = Timestamp::now().saturating_add(lifetime);
    written(end.unwrap_or(Timestamp::MAX))
}

/// So much earlier than now. The beginning of time where it would be earlier than that.
pub fn before(age: Duration) -> String {
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    let moment = Timestamp::now().saturating_sub(age);
    written(moment.unwrap_or(Timestamp::MIN))
}

/// Whether a moment has come. A text that is no moment has: what cannot be read is not trusted.
pub fn has_come(moment: &str) -> bool {
    moment
        .parse::<Timestamp>()
        .map_or(true, |moment| moment <= Timestamp::now())
}

/// How long from now a moment is; nothing when it has come.
pub fn until(moment: &str) -> Duration {
    let Ok(moment) = moment.parse::<Timestamp>() else {
        return Duration::ZERO;
    };
    let left = moment.duration_since(Timestamp::now());
    Duration::try_from(left).unwrap_or(Duration::ZERO)
}

fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Reads a length of time, of days of 24 hours: `90d`, `12h`, `5min`, `1d 12h`. Wherever one is given, it is in this
/// form: in flags, variables, `centime.toml`, forms of the site and the API.
pub fn duration(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.trim().parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok()
}

/// Reads how long a token is valid, or what was noted is kept: `90d`, `12h`.
pub fn lifetime(text: &str) -> Result<Duration, NotALifetime> {
    let wrong = || NotALifetime(text.chars().take(40).collect());
    let duration = duration(text).ok_or_else(wrong)?;
    if (MIN_LIFETIME..=MAX_LIFETIME).contains(&duration) {
        Ok(duration)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_read_and_an_absurd_one_refused() {
        assert_eq!(lifetime("90d"), Ok(Duration::from_hours(24 * 90)));
        assert_eq!(lifetime(" 12h "), Ok(Duration::from_hours(12)));
        for wrong in [
            "",
            "soon",
            "-1d",
            "0d",
            "1s",
            "99999d",
            "9999999999999h",
            "1 month",
        ] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_comes() {
        assert!(has_come(&now()));
        assert!(!has_come(&after(Duration::from_hours(1))));
        assert!(has_come("2020-01-01T00:00:00Z"));
        assert!(has_come("never"));
        assert!(until(&after(Duration::from_hours(1))) > Duration::from_mins(59));
        assert_eq!(until("2020-01-01T00:00:00Z"), Duration::ZERO);
        assert!(!has_come(&after(Duration::MAX)));
        assert!(has_come(&before(Duration::ZERO)) && before(Duration::from_mins(1)) < now());
        assert!(has_come(&before(Duration::MAX)));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_lifetime_or_is_not(text in centime_test_input::altered_text(&[
            "90d", "12h", "P1Y2M", "1d 2h", "-1d", "2026-01-02T03:04:05Z",
        ])) {
            if let Ok(lifetime) = lifetime(&text) {
                proptest::prop_assert!(!has_come(&after(lifetime)));
            }
            let _ = (has_come(&text), until(&text));
        }
    }
}
