//! Files at addresses, retrieved whole, under the same rules as the records of a portal.

use std::fs::File;
use std::io::{self, Seek, Write};

use reqwest::Url;

use crate::address::without_query;
use crate::error::Error;
use crate::http::{Body, Broken, Http, Timeouts};
use crate::limits::{Deadline, Limits, Meter};
use crate::reach::Reach;
use crate::retry::{Failure, RetryPolicy, retrying};

/// How files at addresses are retrieved.
#[derive(Clone, Debug, Default)]
pub struct WebFiles {
    /// How much is taken, and how slowly it may come.
    pub limits: Limits,
    /// How often a failed request is made again.
    pub retry: RetryPolicy,
    /// Other hosts that an address may redirect to.
    pub hosts: Vec<String>,
    /// Whether names of hosts may lead to addresses of a private network.
    pub private_addresses: bool,
}

impl WebFiles {
    /// Retrieves the file at an address into a file that is empty.
    pub async fn retrieve(&self, address: &str, file: &mut File) -> Result<(), Error> {
        let invalid = |reason: String| Error::InvalidUrl {
            url: address
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_owned(),
            reason,
        };
        let url = Url::parse(address).map_err(|error| invalid(error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it holds a user or a password".to_owned()));
        }
        let reach = Reach::new(&url, &self.hosts, self.private_addresses)?;
        let http = Http::new(&url, reach, None, Timeouts::default(), self.limits)?;
        retrying(&self.retry, &(), || self.attempt(&http, &url, &*file)).await
    }

    async fn attempt(&self, http: &Http, url: &Url, file: &File) -> Result<(), Failure> {
        let place = without_query(url);
        let unkept = |error: io::Error| {
            Failure::from(Error::Lost {
                url: place.clone(),
                reason: format!("what came could not be kept: {error}"),
            })
        };
        let mut file = file.try_clone().map_err(unkept)?;
        file.set_len(0).map_err(unkept)?;
        file.rewind().map_err(unkept)?;
        let response = http.get(url, "*/*").await?;
        let meter = Meter::file(&place, self.limits, Deadline::after(self.limits.time));
        let mut body = Body::new(response, http.idle(), meter);
        loop {
            match body.chunk().await {
                Ok(Some(bytes)) => file.write_all(&bytes).map_err(unkept)?,
                Ok(None) => return file.flush().map_err(unkept),
                Err(Broken::Lost(reason)) => {
                    return Err(Error::Lost { url: place, reason }.into());
                }
                Err(Broken::Refused(error)) => return Err(error.into()),
            }
        }
    }
}
