//! Public bodies and the years in which they became another one, read from `data/bodies.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::identifier::Budget;
use crate::label::normalise;

/// A public body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Its SIREN number.
    pub siren: String,
    /// Its name.
    pub name: String,
    /// The INSEE code of the commune, where it is one.
    #[serde(default)]
    pub insee: Option<String>,
    /// Which of its budgets the statement is of; `None` where nothing proves it.
    #[serde(default)]
    pub budget: Option<Budget>,
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
    /// The body that publishes under a name, or on its own portal without any.
    ///
    /// The name is compared as a whole: « Mairie de Parisot » and « CAS de la Ville de Paris » are other bodies. One
    /// that has several parts names the body in one of them, and its departments in the others (« Direction des
    /// finances – Ville de Paris »); on the body's own portal a department needs no more.
    pub fn find(host: &str, publisher: Option<&str>) -> Option<&'static Self> {
        let publisher = publisher.filter(|name| !normalise(name).is_empty());
        BODIES.iter().find(|body| {
            let own_portal = body
                .hosts
                .iter()
                .any(|known| known.eq_ignore_ascii_case(host));
            publisher.map_or(own_portal, |name| body.is_named(name, own_portal))
        })
    }

    fn is_named(&self, name: &str, own_portal: bool) -> bool {
        let is_own = |name: &String| self.publishers.contains(name) || self.siren == *name;
        if is_own(&normalise(name)) {
            return true;
        }
        let (own, others): (Vec<String>, Vec<String>) = parts(name).partition(is_own);
        (own_portal || !own.is_empty()) && others.iter().all(|part| is_department(part))
    }

    /// All bodies that Centime knows by itself.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        BODIES.iter()
    }

    /// The body with a SIREN number.
    pub fn by_siren(siren: &str) -> Option<&'static Self> {
        BODIES.iter().find(|body| body.siren == siren)
    }
}

/// The parts of a name, normalised: what dashes, slashes and brackets divide. A hyphen within a word does not.
fn parts(name: &str) -> impl Iterator<Item = String> {
    let name = name.replace(" - ", "/");
    let parts: Vec<String> = name
        .split(['/', '|', '–', '—', ',', ';', ':', '(', ')'])
        .map(normalise)
        .filter(|part| !part.is_empty())
        .collect();
    parts.into_iter()
}

/// Whether a name is that of a department of a body and not of a body.
fn is_department(name: &str) -> bool {
    let first = name.split(' ').next();
    first.is_some_and(|first| {
        matches!(
            first,
            "direction" | "directions" | "secretariat" | "delegation" | "mission"
        )
    }) || name.starts_with("sous direction")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_bodies_are_not_taken_for_one_of_a_like_name() {
        for other in [
            "Mairie de Parisot",
            "CAS de la Ville de Paris",
            "Ville de Paris-l'Hôpital",
            "Centre d’action sociale – Ville de Paris",
            "Département de Paris",
            "Ville de Paris Habitat",
            "CASVP",
        ] {
            for host in ["data.example", "opendata.paris.fr"] {
                assert!(Body::find(host, Some(other)).is_none(), "{other} on {host}");
            }
        }
        assert!(Body::find("data.example", None).is_none());
        assert!(Body::find("data.example", Some("Direction des finances")).is_none());
    }

    #[test]
    fn paris_is_found_by_all_of_its_names() {
        for name in [
            "Ville de Paris",
            "MAIRIE DE PARIS",
            "217500016",
            "Direction des Finances et des Achats - Ville de Paris",
            "Ville de Paris / Direction des Finances",
            "Direction des finances (Mairie de Paris)",
            "Centime (sample edition)",
        ] {
            assert!(Body::find("data.example", Some(name)).is_some(), "{name}");
        }
        for name in [None, Some(""), Some("Direction des Finances et des Achats")] {
            assert!(Body::find("opendata.paris.fr", name).is_some(), "{name:?}");
        }
    }

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
