//! Public bodies and the years in which they became another one, read from `data/bodies.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::label::normalise;

/// A public body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Its SIREN number.
    pub siren: String,
    /// Its name.
    pub name: String,
    /// Which of its budgets the statement is of: `main`, `attached` or `annex`; `None` where nothing proves it.
    #[serde(default)]
    pub budget: Option<String>,
    hosts: Vec<String>,
    publishers: Vec<String>,
    /// The years from which its accounts cover something else than before.
    #[serde(default)]
    pub perimeter_breaks: Vec<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    body: Vec<Body>,
}

/// The bodies Centime knows. A body that is not here is served just as well, without its breaks.
static BODIES: LazyLock<Vec<Body>> = LazyLock::new(|| {
    let file: Result<File, _> = toml::from_str(include_str!("../data/bodies.toml"));
    file.unwrap_or_else(|error| panic!("unreadable file of bodies: {error}"))
        .body
});

impl Body {
    /// The body that publishes on a portal's host, or under a publisher's name.
    pub fn find(host: &str, publisher: Option<&str>) -> Option<&'static Self> {
        let publisher = publisher.map(normalise).unwrap_or_default();
        BODIES.iter().find(|body| {
            body.hosts
                .iter()
                .any(|known| known.eq_ignore_ascii_case(host))
                || body
                    .publishers
                    .iter()
                    .any(|known| publisher.contains(known.as_str()))
        })
    }

    /// The body with a SIREN number.
    pub fn by_siren(siren: &str) -> Option<&'static Self> {
        BODIES.iter().find(|body| body.siren == siren)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paris_is_found_by_host_or_publisher() {
        let by_host = Body::find("OpenData.Paris.fr", None).unwrap();
        let by_publisher = Body::find(
            "127.0.0.1",
            Some("Direction des Finances – Mairie de PARIS"),
        )
        .unwrap();
        assert_eq!(by_host.siren, "217500016");
        assert_eq!(by_publisher.siren, by_host.siren);
        assert_eq!(by_host.perimeter_breaks, [2019]);
        assert!(Body::find("data.example", Some("Ville de Lyon")).is_none());
        assert_eq!(Body::by_siren("217500016").unwrap().name, "Ville de Paris");
    }
}
