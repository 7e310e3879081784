//! What the demonstration has beside the sample: real figures, where it is said which they are.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::{Error, SimDataset};

/// The file name and the bytes of the account of a commune: the figures of a real *compte financier unique*, without
/// anything about persons. Its readers are tested with the same file.
pub const DOCUMENT: (&str, &[u8]) = (
    "cfu-2023.xml",
    include_bytes!("../../documents/tests/data/cfu-2023.xml"),
);

/// What the account is called as a source.
pub const DOCUMENT_NAME: &str = "Compte financier unique 2023";

/// The dataset of control totals and inhabitants: real ones of all communes of a département for 2024, as the OFGL
/// publishes them (Licence Ouverte 2.0). Amounts have the noise of binary fractions.
pub const AGGREGATES: &str = "ofgl-base-communes";

/// What the control totals are called as a source.
pub const AGGREGATES_NAME: &str = "OFGL 2024, communes du Morbihan";

/// The control totals, a row for each commune; made by `demo/make-aggregates.py`.
const TOTALS: &[u8] = include_bytes!("../demo/ofgl-base-communes/morbihan-2024.tsv.gz");
const DEPARTEMENT: &str = "Morbihan";
const YEAR: &str = "2024";

/// How many columns say whose totals they are: INSEE code, name, grouping, nomenclature, inhabitants.
const FACTS: usize = 5;

/// The control totals as the OFGL's portal has them: a record for each.
pub(crate) fn aggregates() -> Result<SimDataset, Error> {
    let mut table = String::new();
    let unpacked = GzDecoder::new(TOTALS).read_to_string(&mut table);
    unpacked.map_err(|source| Error::Read {
        path: "morbihan-2024.tsv.gz".into(),
        source,
    })?;
    let description = include_str!("../demo/ofgl-base-communes/dataset.json");
    SimDataset::from_texts(description, &records(&table))
}

/// The records of a table, one a line. Amounts keep their characters.
fn records(table: &str) -> String {
    let text = |text: &str| Value::from(text).to_string();
    let mut lines = table.lines().map(|line| line.split('\t'));
    let names: Vec<String> = lines.next().into_iter().flatten().map(text).collect();
    let mut records = String::new();
    for mut cells in lines {
        let facts: Vec<&str> = cells.by_ref().take(FACTS).collect();
        let [insee, name, grouping, nomenclature, population] = facts[..] else {
            continue;
        };
        let whose = format!(
            r#"{{"insee":{},"com_name":{},"dep_name":"{DEPARTEMENT}","exer":"{YEAR}","agregat":"#,
            text(insee),
            text(name)
        );
        let what = format!(
            r#","ptot":{population},"epci_name":{},"nomen":{}}}"#,
            text(grouping),
            text(nomenclature)
        );
        let totals = names.iter().skip(FACTS).zip(cells);
        for (aggregate, amount) in totals.filter(|(_, amount)| !amount.is_empty()) {
            for part in [&whose, aggregate, r#","montant":"#, amount, &what, "\n"] {
                records.push_str(part);
            }
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_becomes_a_record_for_each_amount_that_is_published() {
        let table = "insee\tcom_name\tepci_name\tnomen\tptot\tA\tDépenses d'x\n\
                     56001\tL'île\tCC \"x\"\tM57\t12\t\t1.500001\n\
                     56002\tB\tCC\tM57A\t7\t-3.0\t0.0\n";
        let records = records(table);
        let lines: Vec<&str> = records.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(
            lines[0],
            r#"{"insee":"56001","com_name":"L'île","dep_name":"Morbihan","exer":"2024","agregat":"Dépenses d'x","montant":1.500001,"ptot":12,"epci_name":"CC \"x\"","nomen":"M57"}"#
        );
        assert!(lines[1].contains(r#""agregat":"A","montant":-3.0,"#));
    }

    #[test]
    fn every_commune_of_the_departement_is_there() {
        let dataset = aggregates().unwrap();
        assert_eq!(dataset.id, AGGREGATES);
        let communes: std::collections::BTreeSet<&str> = dataset
            .rows
            .iter()
            .filter_map(|row| Some(row.get("insee")?.get()))
            .collect();
        assert_eq!(communes.len(), 249);
        assert!(communes.contains("\"56134\""));
    }
}
