//! How often to ask again, and how long to wait before.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBuilder};
use jiff::Timestamp;

use crate::error::Patience;
use crate::{Error, Event, Observer};

/// How often a failed request is made again, and how long to wait before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times a request is made at most, the first time included.
    pub max_attempts: u32,
    /// The wait after the first failure. It doubles after each other one, and some chance is added
    /// so that clients that failed together do not come back together.
    pub base_delay: Duration,
    /// The longest wait. A portal that asks for a longer one ends the request at once.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    /// Five attempts over some ten seconds, and waits of up to a minute when the portal asks.
    fn default() -> Self {
        Self {
            max_attempts: 5,
            base_delay: Duration::from_millis(500),
            max_delay: Duration::from_mins(1),
        }
    }
}

/// Attempts at something that fails the same way each time, most often.
const MAX_SHORT_ATTEMPTS: u32 = 3;

/// A failed attempt, and the wait the portal asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) wait: Option<Duration>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, wait: None }
    }
}

/// Makes an attempt, and others after it as long as the policy allows and the failure deserves.
pub(crate) async fn retrying<T, F, A>(
    policy: &RetryPolicy,
    observer: &dyn Observer,
    mut attempt: F,
) -> Result<T, Error>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Failure>>,
{
    let mut delays = ExponentialBuilder::new()
        .with_min_delay(policy.base_delay)
        .with_max_delay(policy.max_delay)
        .without_max_times()
        .with_jitter()
        .build();
    let mut attempts = 0;
    loop {
        let Failure { error, wait } = match attempt().await {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        attempts += 1;
        let allowed = match error.patience() {
            Patience::None => return Err(error),
            Patience::Short => policy.max_attempts.min(MAX_SHORT_ATTEMPTS),
            Patience::Full => policy.max_attempts,
        };
        if wait.is_some_and(|wait| wait > policy.max_delay) {
            return Err(error);
        }
        if attempts >= allowed {
            return Err(match attempts {
                1 => error,
                _ => Error::TooManyRetries {
                    attempts,
                    last: Box::new(error),
                },
            });
        }
        let delay = delays.next().unwrap_or(policy.max_delay);
        let wait = match wait {
            Some(asked) if !asked.is_zero() => asked,
            _ => delay.min(policy.max_delay),
        };
        tracing::debug!(attempt = attempts, ?wait, %error, "request failed, will retry");
        observer.event(&Event::Retrying {
            attempt: attempts,
            wait,
            cause: &error,
        });
        tokio::time::sleep(wait).await;
    }
}

/// The moment named by a `Retry-After` header: a number of seconds from now, or an HTTP date.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Timestamp> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<i64>() {
        let later = now.as_second().checked_add(seconds.max(0))?;
        return Timestamp::from_second(later).ok();
    }
    let date: SystemTime = httpdate::parse_http_date(value).ok()?;
    Timestamp::try_from(date).ok()
}

/// The moment named by an `X-RateLimit-Reset` header, in seconds of the epoch.
pub(crate) fn rate_limit_reset(value: &str) -> Option<Timestamp> {
    Timestamp::from_second(value.trim().parse().ok()?).ok()
}

/// How long from now until then; nothing for a moment already past.
pub(crate) fn wait_until(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(then)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = at("2026-01-25T23:59:00Z");
        let midnight = Some(at("2026-01-26T00:00:00Z"));
        assert_eq!(retry_after("60", now), midnight);
        assert_eq!(retry_after(" 60 ", now), midnight);
        assert_eq!(retry_after("Mon, 26 Jan 2026 00:00:00 GMT", now), midnight);
        assert_eq!(retry_after("-5", now), Some(now));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("9223372036854775807", now), None);
        assert_eq!(rate_limit_reset("1769385600"), midnight);
        assert_eq!(rate_limit_reset("tomorrow"), None);
    }

    #[test]
    fn a_moment_already_past_asks_for_no_wait() {
        let now = at("2026-01-26T00:00:00Z");
        assert_eq!(
            wait_until(at("2026-01-26T00:01:00Z"), now),
            Duration::from_mins(1)
        );
        assert_eq!(wait_until(at("2026-01-25T00:00:00Z"), now), Duration::ZERO);
    }

    #[derive(Default)]
    struct Waits(Mutex<Vec<Duration>>);

    impl Observer for Waits {
        fn event(&self, event: &Event<'_>) {
            if let Event::Retrying { wait, .. } = event {
                self.0.lock().unwrap().push(*wait);
            }
        }
    }

    fn lost() -> Error {
        Error::Lost {
            url: "http://a/".into(),
            reason: "reset".into(),
        }
    }

    fn quick(max_attempts: u32) -> RetryPolicy {
        RetryPolicy {
            max_attempts,
            base_delay: Duration::from_millis(2),
            max_delay: Duration::from_millis(10),
        }
    }

    #[tokio::test]
    async fn delays_grow_up_to_the_longest_and_then_attempts_end() {
        let waits = Waits::default();
        let result = retrying(&quick(6), &waits, async || Err::<(), _>(lost().into())).await;
        assert!(
            matches!(result, Err(Error::TooManyRetries { attempts: 6, .. })),
            "{result:?}"
        );
        let waits = waits.0.into_inner().unwrap();
        assert_eq!(waits.len(), 5);
        for (wait, least) in waits.iter().zip([2, 4, 8, 10, 10]) {
            assert!(*wait >= Duration::from_millis(least), "{waits:?}");
            assert!(*wait <= Duration::from_millis(10), "{waits:?}");
        }
    }

    #[tokio::test]
    async fn a_wait_asked_for_is_obeyed_unless_too_long() {
        let waits = Waits::default();
        let asked = |millis| {
            move || {
                std::future::ready(Err::<(), _>(Failure {
                    error: lost(),
                    wait: Some(Duration::from_millis(millis)),
                }))
            }
        };
        let start = std::time::Instant::now();
        let result = retrying(&quick(2), &waits, asked(7)).await;
        assert!(start.elapsed() >= Duration::from_millis(7));
        assert!(matches!(result, Err(Error::TooManyRetries { .. })));
        assert_eq!(*waits.0.lock().unwrap(), [Duration::from_millis(7)]);
        let result = retrying(&quick(2), &waits, asked(11)).await;
        assert!(matches!(result, Err(Error::Lost { .. })));
        assert_eq!(waits.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn one_attempt_fails_with_its_own_error() {
        let result = retrying(&quick(1), &(), async || Err::<(), _>(lost().into())).await;
        assert!(matches!(result, Err(Error::Lost { .. })), "{result:?}");
    }

    #[tokio::test]
    async fn a_mistyped_host_is_not_insisted_upon() {
        let result = retrying(&quick(9), &(), async || {
            Err::<(), _>(Failure::from(Error::UnknownHost {
                host: "opendata.invalid".into(),
                reason: "not known".into(),
            }))
        })
        .await;
        let error = result.unwrap_err();
        assert!(matches!(error, Error::TooManyRetries { attempts: 3, .. }));
        assert!(error.to_string().contains("opendata.invalid"), "{error}");
    }
}
