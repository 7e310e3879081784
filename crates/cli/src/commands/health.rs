//! `centime health`: whether a site is up, for those who start containers and have no shell in them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response, Url, redirect};

use crate::args::Health;
use crate::config::Config;
use crate::failure::Failure;
use crate::message::{print_stderr, sanitize};

/// Health is polled, so the next request follows soon.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);

/// How much of what a site says of itself is repeated, in bytes.
const MAX_LINE_BYTES: usize = 2000;

/// Ends well when the site answers that there is something to show.
pub async fn health(config: &Config, asked: &Health) -> Result<(), Failure> {
    let url = match &asked.url {
        Some(url) => url.clone(),
        None => own(config, asked.listen.as_deref())?,
    };
    let wrong = |reason: String| {
        Failure::Usage(format!(
            "«{url}» is not the address of a site ({reason}): expected such as http://127.0.0.1:8080/readyz"
        ))
    };
    let address: Url = url.parse().map_err(|error| wrong(format!("{error}")))?;
    // The certificate of a site is for its name, which is not that of this machine.
    let here = address
        .host_str()
        .and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok())
        .is_some_and(|address| address.is_loopback());
    // Another part of the program may have installed one already, which serves as well.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .timeout(ANSWER_TIMEOUT)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .tls_danger_accept_invalid_certs(here)
        .build()
        .map_err(|error| Failure::Unexpected(format!("nothing can be asked: {error}")))?;
    let ill = |reason: String| Failure::Unexpected(format!("{url} is not well: {reason}"));
    let response = client
        .get(address)
        .send()
        .await
        .map_err(|error| ill(error.without_url().to_string()))?;
    let status = response.status();
    let said = first_line(response).await;
    if !status.is_success() {
        let said = said.map_or_else(String::new, |said| format!(": {said}"));
        return Err(ill(format!("it answers {status}{said}")));
    }
    // There is something to show, and yet something to know.
    if let Some(said) = said.filter(|said| said.contains(';'))
        && !config.quiet
    {
        print_stderr(format!("{url}: {said}"));
    }
    Ok(())
}

/// What a site says of itself, if that is a line of text.
async fn first_line(mut response: Response) -> Option<String> {
    let kind = response.headers().get(CONTENT_TYPE)?;
    if !kind.to_str().ok()?.starts_with("text/plain") {
        return None;
    }
    let mut bytes = Vec::new();
    while let Some(more) = response.chunk().await.ok()? {
        bytes.extend(more);
        if bytes.len() > MAX_LINE_BYTES {
            break;
        }
    }
    bytes.truncate(MAX_LINE_BYTES);
    let text = String::from_utf8_lossy(&bytes);
    let line = sanitize(text.lines().next()?);
    Some(line).filter(|line| !line.trim().is_empty())
}

/// The address of the site that is served here with the same settings. One that listens everywhere
/// listens on the loopback, too.
fn own(config: &Config, listen: Option<&str>) -> Result<String, Failure> {
    let listen = config.listens(listen);
    let mut address: SocketAddr = listen.parse().map_err(|_| {
        Failure::Usage(format!(
            "where a site that listens on {listen} can be asked is not known: say --url"
        ))
    })?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let scheme = if config.is_https() { "https" } else { "http" };
    Ok(format!("{scheme}://{address}/readyz"))
}
