//! Presets: sources that are known by a name. Each is a file of `presets/`, compiled in: adding one is adding a file.

use serde::Deserialize;

use super::file::SourceTable;
use crate::failure::Failure;

// The name and the text of each file.
include!(concat!(env!("OUT_DIR"), "/presets.rs"));

/// The presets in which a public body is looked for where nothing else is said, in this order.
pub(super) const FITTING: [&str; 6] = [
    "dgfip-communes",
    "dgfip-departements",
    "dgfip-regions",
    "dgfip-groupings",
    "dgfip-syndicats",
    "dgfip-establishments",
];

/// What a file of `presets/` holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Preset {
    /// Whose accounts they are, in a few words.
    pub(crate) about: String,
    /// Other hosts that its portals may redirect to.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// Its sources, as in `centime.toml`.
    pub(crate) source: Vec<SourceTable>,
}

/// The names of all presets.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

/// The preset of a name.
pub(crate) fn by_name(name: &str) -> Result<Preset, Failure> {
    let found = PRESETS.iter().find(|(known, _)| *known == name.trim());
    let Some((_, text)) = found else {
        let known: Vec<&str> = names().collect();
        return Err(Failure::Usage(format!(
            "there is no preset «{name}»: expected {}",
            known.join(", ")
        )));
    };
    let read = toml::from_str(text);
    read.map_err(|error| Failure::Unexpected(format!("the preset {name} is unusable: {error}")))
}

/// What each preset has, by its name.
pub(crate) fn about(name: &str) -> String {
    by_name(name).map(|preset| preset.about).unwrap_or_default()
}

/// Other hosts of a portal, where a preset knows it.
pub(super) fn hosts_of(portal: &str) -> Vec<String> {
    let plain = |address: &str| address.trim().trim_end_matches('/').to_owned();
    let known = names().filter_map(|name| by_name(name).ok());
    let mut of_portal = known.filter(|preset| {
        let mut portals = preset
            .source
            .iter()
            .filter_map(|source| source.portal.as_ref());
        portals.any(|known| plain(known) == plain(portal))
    });
    of_portal
        .next()
        .map(|preset| preset.hosts)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_is_understood() {
        assert!(names().any(|name| name == crate::config::defaults::USUAL_PRESET));
        for name in names() {
            let preset = by_name(name).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!preset.about.trim().is_empty(), "{name}");
            assert!(!preset.source.is_empty(), "{name}");
            let edition = crate::config::source::tests::source(&format!("preset = \"{name}\""));
            edition.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    #[test]
    fn a_misspelt_preset_lists_the_names() {
        let message = by_name("Pariss").unwrap_err().to_string();
        for name in names() {
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn a_portal_keeps_its_other_names() {
        let hosts = hosts_of("https://opendata.paris.fr/");
        assert_eq!(hosts, ["parisdata.opendatasoft.com"]);
        assert!(hosts_of("https://data.example.fr").is_empty());
    }
}
