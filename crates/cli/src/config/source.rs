//! What a run reads, and what it may publish.

use std::path::{Path, PathBuf};
use std::time::Duration;

use centime_access::time::duration;
use centime_pipeline::{AcceptedChanges, Edition, Policy};
use centime_portal::Limits;

use super::Config;
use super::defaults::{API_KEY, DEFAULT_KEEP_REVISIONS, DEFAULT_RETRIEVAL_TIME, MIN_REVISIONS};
use super::file::{Datasets, Fields, RetrievalTable};
use super::parse::folders;
use super::sources::{self, Asked, Chosen, Common};
use crate::args::{Accepting, Change, SourceArgs};
use crate::failure::Failure;

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
    /// What a run publishes: the edition that the configuration describes.
    pub fn edition(&self, from: &SourceArgs) -> Result<Edition, Failure> {
        let of_environment = std::env::var(API_KEY).ok();
        let downloads = self.downloads();
        let common = Common {
            retrieval: &self.file.retrieval,
            limits: self.file.retrieval.limits()?,
            folder: self.folder.as_deref().unwrap_or(Path::new("")),
            api_key: of_environment.filter(|key| !key.is_empty()),
            downloads: downloads.as_deref(),
        };
        let chosen = &from.chosen;
        let asked = Asked {
            portal: from.portal.as_deref(),
            preset: from.preset.as_deref(),
            chosen: Chosen {
                bodies: &chosen.bodies,
                years: chosen.years.as_deref(),
                filter: chosen.filter.as_deref(),
                provisional: chosen.provisional,
            },
        };
        sources::edition(&self.file, asked, &common)
    }

    /// Where account balances are kept as they were retrieved; `None` where nothing says and there is no home folder.
    fn downloads(&self) -> Option<PathBuf> {
        let beside = self.folder.as_deref().unwrap_or(Path::new(""));
        let set = self.file.retrieval.folder.as_ref();
        set.map(|folder| beside.join(folder)).or_else(|| {
            let folders = folders()?;
            Some(folders.cache_dir().join("downloads"))
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
            ("[[source]]", !self.file.source.is_empty()),
            ("[datasets]", *datasets != Datasets::default()),
            ("[fields]", *fields != Fields::default()),
            ("[body]", self.file.body.is_some()),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use centime_pipeline::Source;

    use super::*;
    use crate::args::ChosenArgs;
    use crate::config::tests::config;

    /// The edition of a configuration file.
    pub fn source(text: &str) -> Result<Edition, String> {
        let config = Config::of_file(config(text).map_err(|error| error.to_string())?);
        let from = SourceArgs {
            portal: None,
            preset: None,
            sample: None,
            chosen: ChosenArgs::default(),
            accepting: Accepting::default(),
        };
        let edition = config.edition(&from);
        edition.map_err(|failure| match failure {
            Failure::Usage(message) => message,
            other => panic!("{other:?}"),
        })
    }

    /// The datasets of an edition, and where they are.
    fn datasets(edition: &Edition) -> Vec<(&str, &str)> {
        let sources = edition.sources.iter().map(|source| match source {
            Source::Records(source) => (&*source.dataset, source.transport.address()),
            Source::Documents(_) => ("", "documents"),
            Source::Balances(source) => (&*source.datasets[0], source.portal.base_url()),
        });
        sources.collect()
    }

    #[test]
    fn a_dataset_is_an_identifier_or_a_table() {
        let paris = "https://opendata.paris.fr/api/explore/v2.1";
        let usual = source("").unwrap();
        assert_eq!(
            datasets(&usual),
            [("compte-de-resultat", paris), ("bilan-comptable", paris)]
        );
        let text = "[datasets]\nincome_statement = \"a\"\nbalance_sheet = \"\"";
        assert_eq!(datasets(&source(text).unwrap()), [("a", paris)]);
        let text = "[datasets.income_statement]\nid = \"b\"\nwhere = \"x = 1\"\ndecimal = \",\"\n\
            fiscal_year = { format = \"%Y%m%d\" }\nignore = [\"c\"]\n[datasets.balance_sheet]\ntimezone = \"Europe/Paris\"";
        let table = source(text).unwrap();
        assert_eq!(datasets(&table), [("b", paris), ("bilan-comptable", paris)]);
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
            source(&text).map(|edition| match &edition.sources[0] {
                Source::Records(source) => source.body.clone().unwrap().siren,
                Source::Documents(_) | Source::Balances(_) => panic!("it is a dataset"),
            })
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

    #[test]
    fn an_edition_has_the_sources_that_are_described() {
        let text = r#"
            [[source]]
            kind = "income-statement"
            name = "Ville"
            portal = "https://data.example.fr"
            dataset = "a"
            where = "x = 1"
            fields = { amount = "montant_total" }
            body = "Ville d’Essai"
            siren = "217 500 016"

            [[source]]
            kind = "balance-sheet"
            files = ["bilan.csv"]

            [[source]]
            preset = "paris"

            [[source]]
            kind = "document"
            files = ["cfu/*.xml", "-"]
            nomenclature = "M57"
        "#;
        let edition = source(text).unwrap_or_else(|error| panic!("{error}"));
        let (data, paris) = (
            "https://data.example.fr/api/explore/v2.1",
            "https://opendata.paris.fr/api/explore/v2.1",
        );
        assert_eq!(
            datasets(&edition),
            [
                ("a", data),
                ("bilan-comptable", "files"),
                ("compte-de-resultat", paris),
                ("bilan-comptable", paris),
                ("", "documents"),
            ]
        );
        assert_eq!(
            edition.address(),
            format!("{data}, files, {paris}, documents")
        );
        assert!(edition.sources[4].has_stdin());
        let Source::Records(first) = &edition.sources[0] else {
            panic!("it is a dataset")
        };
        assert_eq!(first.name.as_deref(), Some("Ville"));
        assert_eq!(first.body.as_ref().unwrap().siren, "217500016");
        assert_eq!(first.fields["amount"], "montant_total");
    }

    #[test]
    fn what_is_wrong_in_a_source_is_said_with_its_number() {
        let of = |table: &str| source(&format!("[[source]]\n{table}")).unwrap_err();
        for (table, words) in [
            (
                "",
                "[[source]] 1: kind must be given: one of income-statement, balance-sheet, account-balances, aggregates, document",
            ),
            (
                "kind = \"budget\"",
                "kind = \"budget\" is not known: expected income-statement",
            ),
            ("kind = \"income-statement\"", "say where the records are"),
            (
                "kind = \"income-statement\"\nportal = \"https://a.example\"",
                "dataset must be given",
            ),
            (
                "kind = \"income-statement\"\nportal = \"https://a.example\"\nfiles = [\"a.csv\"]",
                "portal and files name two places",
            ),
            (
                "kind = \"income-statement\"\nfiles = [\"a.csv\"]\nwhere = \"x\"",
                "where is applied by a portal",
            ),
            (
                "name = \"X\"\nkind = \"document\"",
                "[[source]] 1 («X»): files: there is no file",
            ),
            (
                "kind = \"document\"\nfiles = [\"a.xml\"]\ndataset = \"x\"",
                "dataset is not for kind",
            ),
            (
                "kind = \"balance-sheet\"\nfiles = [\"a.csv\"]",
                "no [[source]] has an income statement",
            ),
            (
                "kind = \"income-statement\"\nfiles = [\"a.csv\"]\ndecimal = \";\"",
                "[[source]] 1: decimal: «;»",
            ),
            (
                "kind = \"income-statement\"\nfiles = [\"a.csv\"]\nfields = { montant = \"x\" }",
                "there is no «montant»",
            ),
            (
                "kind = \"income-statement\"\nfiles = [\"a.csv\"]\nsiren = \"1\"",
                "give its name, too",
            ),
            (
                "preset = \"pariss\"",
                "[[source]] 1: there is no preset «pariss»: expected dgfip-communes",
            ),
            (
                "preset = \"paris\"\nname = \"X\"",
                "write nothing else in its table",
            ),
            (
                "kind = \"account-balances\"\nportal = \"https://a.example\"\ndataset = \"a-{an}\"",
                "dataset: «a-{an}» names no dataset",
            ),
            (
                "kind = \"account-balances\"\nportal = \"https://a.example\"\ndataset = \"a\"\nyears = \"24\"",
                "years = \"24\": expected years from 2010",
            ),
            (
                "kind = \"account-balances\"\nfiles = [\"a.csv\"]\nyears = \"2024\"",
                "years is for account balances of a portal",
            ),
            (
                "kind = \"account-balances\"\nfiles = [\"a.csv\"]\ndecimal = \",\"",
                "decimal is not for kind = \"account-balances\"",
            ),
            (
                "kind = \"document\"\nfiles = [\"a.xml\"]\nbodies = [\"38185\"]",
                "bodies is for kind = \"account-balances\" only",
            ),
            ("kind = \"document\"\nfiles = [\"ftp://a/b\"]", "ftp://"),
            ("kidn = \"document\"", "kidn"),
            (
                "kind = \"document\"\nfiles = [\"-\"]\n[[source]]\nkind = \"document\"\nfiles = [\"-\"]",
                "standard input (-) is a file of two sources",
            ),
        ] {
            let message = of(table);
            assert!(message.contains(words), "{table}: {message}");
        }
    }

    #[test]
    fn both_forms_together_are_refused() {
        let source_of = "[[source]]\nkind = \"document\"\nfiles = [\"a.xml\"]\n";
        for (before, after, words) in [
            (
                "portal = \"https://a.example\"\n",
                "",
                "and portal is given, too",
            ),
            ("preset = \"paris\"\n", "", "and preset is given, too"),
            ("api_key = \"k\"\n", "", "and api_key is given, too"),
            (
                "",
                "[datasets]\nincome_statement = \"a\"",
                "and [datasets] is given, too",
            ),
            ("", "[body]\nname = \"A\"", "and [body] is given, too"),
        ] {
            let message = source(&format!("{before}{source_of}{after}")).unwrap_err();
            assert!(message.contains(words), "{message}");
            assert!(message.contains("short form of two sources"), "{message}");
        }
    }
}
