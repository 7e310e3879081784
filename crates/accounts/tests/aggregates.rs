//! The identities between aggregates, on all that the OFGL publishes where it is at hand.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use centime_accounts::aggregates::{Aggregates, IDENTITIES};
use centime_accounts::{BasisPoints, Centimes};
use centime_test_input::skipped;
use flate2::read::GzDecoder;

/// The aggregates of a file, by body; `None` where the file is not at hand.
fn real(name: &str) -> Option<BTreeMap<String, Aggregates>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ofgl");
    let Ok(file) = File::open(folder.join(name)) else {
        skipped(name, "the aggregates are not beside the repository");
        return None;
    };
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut bodies: BTreeMap<String, Aggregates> = BTreeMap::new();
    for record in text.split('}').filter(|record| record.contains("agregat")) {
        let value = |name: &str| {
            let (_, rest) = record.split_once(&format!("\"{name}\": "))?;
            let end = rest.strip_prefix('"').map_or_else(
                || rest.find(',').unwrap_or(rest.len()),
                |quoted| quoted.find('"').unwrap() + 2,
            );
            Some(rest[..end].trim_matches('"'))
        };
        let body = ["insee", "dep_code", "reg_code"]
            .into_iter()
            .find_map(value);
        let aggregates = bodies.entry(body.unwrap().to_owned()).or_default();
        let (label, amount) = (value("agregat").unwrap(), value("montant").unwrap());
        let added = aggregates.add(label, amount);
        added.unwrap_or_else(|error| panic!("{name} {body:?}: {error}"));
    }
    Some(bodies)
}

fn euros(text: &str) -> Centimes {
    Centimes::parse(text).unwrap().amount
}

#[test]
fn every_identity_holds_for_every_commune_at_hand() {
    let (mut communes, mut held, mut denoised) = (0, 0, 0);
    for departement in ["2A", "38", "56", "75", "93", "971"] {
        let Some(bodies) = real(&format!("ofgl-communes-{departement}-2024.json.gz")) else {
            return;
        };
        for (insee, aggregates) in bodies {
            let (of_it, broken) = aggregates.check();
            assert_eq!(broken, [], "{insee}");
            communes += 1;
            held += of_it;
            denoised += aggregates.denoised;
        }
    }
    // Some communes have not all aggregates.
    assert_eq!(communes, 957);
    assert!(held > 957 * IDENTITIES.len() - 100, "{held}");
    assert!(denoised > 1000, "{denoised}");
}

#[test]
fn what_can_be_held_against_each_other_of_departements_and_regions_is_equal() {
    for (name, many) in [
        ("ofgl-departements-2025.json.gz", 90),
        ("ofgl-regions-2025.json.gz", 12),
    ] {
        let Some(bodies) = real(name) else {
            return;
        };
        assert!(bodies.len() > many, "{name}: {}", bodies.len());
        for (code, aggregates) in bodies {
            let (held, broken) = aggregates.check();
            assert!(held >= 8, "{name} {code}: {held}");
            assert_eq!(broken, [], "{name} {code}");
        }
    }
}

#[test]
fn the_main_budget_of_paris() {
    let Some(bodies) = real("ofgl-communes-75-2024.json.gz") else {
        return;
    };
    let paris = &bodies["75056"];
    for (label, amount) in [
        ("Recettes de fonctionnement", "7680364117.65"),
        ("Dépenses de fonctionnement", "7411756794.73"),
        ("Epargne brute", "268607322.92"),
        ("Encours de dette", "10614157973.71"),
        (
            "Encours de dette - Dettes bancaires et assimilées",
            "8622278209.67",
        ),
    ] {
        assert_eq!(paris.get(label), Some(euros(amount)), "{label}");
    }
    let revenue = paris.get("Recettes de fonctionnement").unwrap();
    let savings = paris.get("Epargne brute").unwrap();
    assert_eq!(savings.share_of(revenue), Some(BasisPoints::new(350)));
}
