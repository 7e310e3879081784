//! When runs are repeated, and how long the audit log is kept.

use std::time::Duration;

use centime_access::time::duration;
use centime_warehouse::ledger::SHORTEST_RETENTION;

use super::Config;
use super::defaults::{DEFAULT_AUDIT_KEEP, DEFAULT_REFRESH, DEFAULT_RETRY};
use crate::failure::Failure;

impl Config {
    /// How long to wait between two runs; `None` for ever.
    pub fn refresh(&self, flag: Option<&str>) -> Result<Option<Duration>, Failure> {
        let text = flag
            .or(self.file.refresh.as_deref())
            .unwrap_or(DEFAULT_REFRESH);
        if text == "never" {
            return Ok(None);
        }
        match duration(text).filter(|found| *found >= Duration::from_mins(1)) {
            Some(found) => Ok(Some(found)),
            None => Err(Failure::Usage(format!(
                "«{text}» is not a time between runs: expected such as 6h or 1d, at least 1min, or never"
            ))),
        }
    }

    /// How long the audit log keeps what was done; `None` for ever.
    pub fn audit_keep(&self) -> Result<Option<Duration>, Failure> {
        let text = self
            .file
            .audit_keep
            .as_deref()
            .unwrap_or(DEFAULT_AUDIT_KEEP);
        if text == "never" {
            return Ok(None);
        }
        match duration(text).filter(|found| *found >= SHORTEST_RETENTION) {
            Some(found) => Ok(Some(found)),
            None => Err(Failure::Usage(format!(
                "audit_keep = «{text}» is not a time to keep the audit log: expected such as 365d, at least 90d, or never"
            ))),
        }
    }

    /// How long to wait after a run that found something away.
    pub fn refresh_retry(&self) -> Result<Duration, Failure> {
        let text = self.file.refresh_retry.as_deref().unwrap_or(DEFAULT_RETRY);
        let found = duration(text).filter(|found| *found >= Duration::from_secs(1));
        found.ok_or_else(|| {
            Failure::Usage(format!(
                "refresh_retry = «{text}» is not a time to wait: expected such as 5min or 30s, at least 1s"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file::File;
    use crate::config::tests::config as file;

    #[test]
    fn a_refresh_is_a_duration_or_never() {
        let config = Config::of_file(File::default());
        assert_eq!(
            config.refresh(None).unwrap(),
            Some(Duration::from_hours(24))
        );
        assert_eq!(
            config.refresh(Some("6h")).unwrap(),
            Some(Duration::from_hours(6))
        );
        assert_eq!(config.refresh(Some("never")).unwrap(), None);
        for wrong in ["", "soon", "-1h", "1s", "0"] {
            assert!(config.refresh(Some(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(config.refresh_retry().unwrap(), Duration::from_mins(5));
        for (text, expected) in [
            ("30s", Some(30)),
            ("1h", Some(3600)),
            ("0s", None),
            ("never", None),
        ] {
            let config = Config::of_file(file(&format!("refresh_retry = \"{text}\"")).unwrap());
            let found = config.refresh_retry().ok();
            assert_eq!(found, expected.map(Duration::from_secs), "{text}");
        }
    }
}
