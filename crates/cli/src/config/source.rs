//! Which portal and datasets a run reads, and what it may publish.

use std::collections::BTreeMap;
use std::time::Duration;

use centime_access::time::duration;
use centime_accounts::identifier;
use centime_pipeline::{AcceptedChanges, BodyName, Policy, Reading, ReadingSettings, Source};
use centime_portal::{Limits, Portal};
use centime_warehouse::Subject;

use super::Config;
use super::defaults::{
    API_KEY, DEFAULT_BALANCE_SHEET, DEFAULT_INCOME_STATEMENT, DEFAULT_KEEP_REVISIONS,
    DEFAULT_PORTAL, DEFAULT_RETRIEVAL_TIME, MIN_REVISIONS, PORTAL_ALIAS,
};
use super::file::{BodyTable, DatasetTable, Datasets, Fields, File, RetrievalTable};
use crate::args::{Accepting, Change, SourceArgs};
use crate::failure::Failure;

impl DatasetTable {
    /// How it is asked for and read.
    fn reading(&self, subject: Subject) -> Result<Reading, Failure> {
        let settings = ReadingSettings {
            filter: self.r#where.clone(),
            timezone: self.timezone.clone(),
            decimal: self.decimal.clone(),
            thousands: self.thousands.clone(),
            year_format: self.fiscal_year.format.clone(),
            columns: self.columns.clone(),
            ignore: self.ignore.clone(),
        };
        Reading::new(subject, &settings)
            .map_err(|error| Failure::Usage(format!("datasets.{}.{error}", subject.name())))
    }
}

impl RetrievalTable {
    fn limits(&self) -> Result<Limits, Failure> {
        let usual = Limits::default();
        let time = match &self.time {
            None => usual.time,
            Some(text) => duration(text)
                .filter(|found| *found >= Duration::from_secs(1))
                .ok_or_else(|| {
                    Failure::Usage(format!(
                        "retrieval.time = «{text}» is not a time: expected such as {DEFAULT_RETRIEVAL_TIME} or 30min, at least 1s"
                    ))
                })?,
        };
        Ok(Limits {
            time,
            bytes: self.bytes.unwrap_or(usual.bytes),
            extra_records: self.extra_records.unwrap_or(usual.extra_records),
            bytes_per_second: self.bytes_per_second.unwrap_or(usual.bytes_per_second),
            window: usual.window,
        })
    }
}

impl Config {
    /// What a run reads from, unless it is the sample edition at this address.
    pub fn source(&self, from: &SourceArgs, sample: Option<&str>) -> Result<Source, Failure> {
        // What the file says of a portal is not about the sample edition.
        let usual = File::default();
        let (portal, file) = if let Some(url) = sample {
            (Portal::builder(url), &usual)
        } else {
            let url = from.portal.as_ref().or(self.file.portal.as_ref());
            let api_key = std::env::var(API_KEY)
                .ok()
                .filter(|key| !key.is_empty())
                .or_else(|| {
                    let key = self.file.api_key.as_ref();
                    key.map(|key| key.reveal().to_owned())
                });
            let url = url.map_or(DEFAULT_PORTAL, String::as_str);
            let retrieval = &self.file.retrieval;
            let usual = || {
                let is_usual = url.trim().trim_end_matches('/') == DEFAULT_PORTAL;
                is_usual
                    .then(|| PORTAL_ALIAS.to_owned())
                    .into_iter()
                    .collect()
            };
            let portal = Portal::builder(url)
                .api_key(api_key)
                .limits(retrieval.limits()?)
                .hosts(retrieval.hosts.clone().unwrap_or_else(usual))
                .private_addresses(retrieval.private_addresses.unwrap_or(false));
            (portal, &self.file)
        };
        let Datasets {
            income_statement,
            balance_sheet,
        } = &file.datasets;
        let id = |table: &DatasetTable, usual: &str| {
            let id = table.id.as_deref().map(str::trim);
            id.unwrap_or(usual).to_owned()
        };
        let named = |subject: Subject, fields: &BTreeMap<String, String>| {
            let known: Vec<&str> = centime_pipeline::field_names(subject).collect();
            match fields.keys().find(|key| !known.contains(&key.as_str())) {
                None => Ok((subject.name(), fields.clone())),
                Some(unknown) => Err(Failure::Usage(format!(
                    "fields.{}: there is no «{unknown}»: expected one of {}",
                    subject.name(),
                    known.join(", ")
                ))),
            }
        };
        let (statement, sheet) = (Subject::IncomeStatement, Subject::BalanceSheet);
        Ok(Source {
            transport: portal.build()?.into(),
            income_statement: id(income_statement, DEFAULT_INCOME_STATEMENT),
            balance_sheet: Some(id(balance_sheet, DEFAULT_BALANCE_SHEET))
                .filter(|id| !id.is_empty()),
            fields: BTreeMap::from([
                named(statement, &file.fields.income_statement)?,
                named(sheet, &file.fields.balance_sheet)?,
            ]),
            readings: BTreeMap::from([
                (statement.name(), income_statement.reading(statement)?),
                (sheet.name(), balance_sheet.reading(sheet)?),
            ]),
            body: file.body.as_ref().map(body_name).transpose()?,
        })
    }

    /// How a run publishes, and which changes are meant.
    pub fn policy(&self, accepting: &Accepting) -> Result<Policy, Failure> {
        let keep = self.file.keep_revisions.unwrap_or(DEFAULT_KEEP_REVISIONS);
        if keep < MIN_REVISIONS {
            return Err(Failure::Usage(format!(
                "keep_revisions = {keep} is too few: at least {MIN_REVISIONS}, so that those who read the revision before the current one can finish"
            )));
        }
        let accepted = &accepting.accept_changes;
        let has = |change: Change| accepted.contains(&Change::All) || accepted.contains(&change);
        Ok(Policy {
            keep,
            accept_changes: AcceptedChanges {
                years: has(Change::Years),
                body: has(Change::Body),
                reconciliation: has(Change::Reconciliation),
            },
        })
    }

    /// The tables of the file that are about a portal and its data, which the sample edition does not need.
    pub fn about_a_portal(&self) -> Vec<&'static str> {
        let (datasets, fields) = (&self.file.datasets, &self.file.fields);
        let given = [
            ("[datasets]", *datasets != Datasets::default()),
            ("[fields]", *fields != Fields::default()),
            ("[body]", self.file.body.is_some()),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(name, _)| name).collect()
    }
}

/// The public body that the file names.
fn body_name(body: &BodyTable) -> Result<BodyName, Failure> {
    let siren = match body.siren.trim() {
        "" => String::new(),
        text => {
            let digits = identifier::digits(text);
            let digits = digits.map_err(|error| Failure::Usage(format!("body.siren: {error}")))?;
            digits.into_owned()
        }
    };
    Ok(BodyName {
        siren,
        name: body.name.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;

    fn source(text: &str) -> Result<Source, String> {
        let config = Config::of_file(config(text).map_err(|error| error.to_string())?);
        let from = SourceArgs {
            portal: None,
            sample: false,
            accepting: Accepting::default(),
        };
        let source = config.source(&from, None);
        source.map_err(|failure| match failure {
            Failure::Usage(message) => message,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_dataset_is_an_identifier_or_a_table() {
        let usual = source("").unwrap();
        assert_eq!(usual.income_statement, "compte-de-resultat");
        assert_eq!(usual.balance_sheet.as_deref(), Some("bilan-comptable"));
        let text = "[datasets]\nincome_statement = \"a\"\nbalance_sheet = \"\"";
        let named = source(text).unwrap();
        assert_eq!(
            (named.income_statement.as_str(), named.balance_sheet),
            ("a", None)
        );
        let text = "[datasets.income_statement]\nid = \"b\"\nwhere = \"x = 1\"\ndecimal = \",\"\n\
            fiscal_year = { format = \"%Y%m%d\" }\nignore = [\"c\"]\n[datasets.balance_sheet]\ntimezone = \"Europe/Paris\"";
        let table = source(text).unwrap();
        assert_eq!(table.income_statement, "b");
        assert_eq!(table.balance_sheet.as_deref(), Some("bilan-comptable"));
        for (text, words) in [
            ("[datasets.income_statement]\nwere = \"x\"", "were"),
            (
                "[datasets]\nincome_statement = 7",
                "the identifier of a dataset, or a table",
            ),
            (
                "[datasets.income_statement]\ndecimal = \";\"",
                "datasets.income_statement.decimal: «;»",
            ),
            (
                "[datasets.balance_sheet]\ntimezone = \"Paris\"",
                "datasets.balance_sheet.timezone: «Paris»",
            ),
            (
                "[datasets.balance_sheet]\ncolumns = { amount = \"{year}\" }",
                "datasets.balance_sheet.columns: there is no «amount»: expected gross, depreciation, net",
            ),
            (
                "[datasets.income_statement]\nfiscal_year = { form = \"x\" }",
                "form",
            ),
            (
                "[fields.income_statement]\nmontant = \"x\"",
                "fields.income_statement: there is no «montant»",
            ),
        ] {
            let message = source(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }

    #[test]
    fn the_number_of_a_body_is_read_as_it_is_written_or_refused() {
        let siren = |siren: &str| {
            let text = format!("[body]\nname = \"X\"\nsiren = \"{siren}\"");
            source(&text).map(|source| source.body.unwrap().siren)
        };
        assert_eq!(siren("217 500 016").unwrap(), "217500016");
        assert_eq!(siren("217 500 016 00019").unwrap(), "21750001600019");
        assert_eq!(siren("").unwrap(), "");
        for wrong in ["21750001", "2175000160", "Paris", "217500016x"] {
            let message = siren(wrong).unwrap_err();
            assert!(
                message.starts_with("body.siren: ") && message.contains("nine digits"),
                "{message}"
            );
        }
    }

    #[test]
    fn limits_of_a_retrieval_are_read_or_refused() {
        let limits = |text: &str| {
            let file = config(text).map_err(|error| error.to_string())?;
            file.retrieval
                .limits()
                .map_err(|failure| failure.to_string())
        };
        let usual = limits("").unwrap();
        assert_eq!(usual, Limits::default());
        assert_eq!(duration(DEFAULT_RETRIEVAL_TIME), Some(usual.time));
        let text =
            "[retrieval]\ntime = \"30min\"\nbytes = 1000\nextra_records = 5\nbytes_per_second = 0";
        let set = limits(text).unwrap();
        assert_eq!((set.time, set.bytes), (Duration::from_mins(30), 1000));
        assert_eq!((set.extra_records, set.bytes_per_second), (5, 0));
        for (wrong, words) in [
            ("time = \"soon\"", "retrieval.time = «soon»"),
            ("time = \"0s\"", "retrieval.time = «0s»"),
            ("bytes = -1", "invalid value"),
            ("tmie = \"1h\"", "tmie"),
        ] {
            let message = limits(&format!("[retrieval]\n{wrong}")).unwrap_err();
            assert!(message.contains(words), "{message}");
        }
        let message = source("[retrieval]\nhosts = [\"https://a.example\"]").unwrap_err();
        assert!(message.contains("retrieval.hosts"), "{message}");
    }
}
