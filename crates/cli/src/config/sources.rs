//! The sources of an edition: those of `[[source]]`, or of a preset with what the short form sets in it.

use std::collections::BTreeMap;
use std::path::Path;

use centime_accounts::identifier;
use centime_pipeline::{
    BalanceSource, BodyName, DatasetOptions, DatasetSettings, DocumentFiles, DocumentSource,
    DocumentsOf, Edition, Files, RecordFiles, RecordSource, Source, Transport, check_datasets,
};
use centime_portal::{Limits, Portal, WebFiles};
use centime_warehouse::Subject;

use super::defaults::{API_KEY, USUAL_PRESET};
use super::file::{BodyTable, DatasetTable, Datasets, Fields, File, RetrievalTable, SourceTable};
use super::presets;
use crate::args::years;
use crate::failure::Failure;

/// What a source has. A kind that is read in another way is one more here, and one more [`Source`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Records(Subject),
    Balances,
    Document,
}

/// The kinds by their names in the configuration.
const KINDS: [(&str, Kind); 5] = [
    ("income-statement", Kind::Records(Subject::IncomeStatement)),
    ("balance-sheet", Kind::Records(Subject::BalanceSheet)),
    ("account-balances", Kind::Balances),
    ("aggregates", Kind::Records(Subject::Aggregates)),
    ("document", Kind::Document),
];

impl Kind {
    fn of(table: &SourceTable) -> Result<Self, String> {
        let names = || KINDS.map(|(name, _)| name).join(", ");
        let Some(name) = table.kind.as_deref() else {
            return Err(format!("kind must be given: one of {}", names()));
        };
        let known = KINDS.iter().find(|(known, _)| *known == name.trim());
        known
            .map(|(_, kind)| *kind)
            .ok_or_else(|| format!("kind = \"{name}\" is not known: expected {}", names()))
    }
}

/// A source as it is described, and where that is in the configuration.
struct Described {
    table: SourceTable,
    /// How a message names the table.
    place: String,
}

/// What the sources of a file have in common.
pub(super) struct Common<'a> {
    pub(super) retrieval: &'a RetrievalTable,
    pub(super) limits: Limits,
    /// Where relative paths begin.
    pub(super) folder: &'a Path,
    /// The API key of the environment, for sources that have none of their own.
    pub(super) api_key: Option<String>,
    /// Where account balances are kept as they were retrieved.
    pub(super) downloads: Option<&'a Path>,
}

/// What is asked for on the command line or by the environment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) portal: Option<&'a str>,
    pub(super) preset: Option<&'a str>,
    pub(super) chosen: Chosen<'a>,
}

/// Which account balances are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chosen<'a> {
    pub(super) bodies: &'a [String],
    pub(super) years: Option<&'a str>,
    pub(super) filter: Option<&'a str>,
    pub(super) provisional: bool,
}

impl Chosen<'_> {
    /// The first option that is given.
    fn given(&self) -> Option<&'static str> {
        let given = [
            ("--body", !self.bodies.is_empty()),
            ("--years", self.years.is_some()),
            ("--where", self.filter.is_some()),
            ("--provisional", self.provisional),
        ];
        given.into_iter().find_map(|(name, is)| is.then_some(name))
    }

    /// Sets what is given in a table.
    fn set(&self, table: &mut SourceTable) {
        if !self.bodies.is_empty() {
            table.bodies = self.bodies.to_vec();
        }
        if let Some(years) = self.years {
            table.years = Some(years.to_owned());
        }
        if let Some(filter) = self.filter {
            table.r#where = Some(filter.to_owned());
        }
        table.provisional |= self.provisional;
    }
}

/// The edition that a configuration describes.
pub(super) fn edition(
    file: &File,
    asked: Asked<'_>,
    common: &Common<'_>,
) -> Result<Edition, Failure> {
    let is_fitting = file.source.is_empty() && is_body_alone(file, asked);
    let mut described = if is_fitting {
        of_fitting_presets(file, asked)?
    } else if file.source.is_empty() {
        of_short_form(file, asked)?
    } else {
        of_tables(file, asked)?
    };
    choose(&mut described, asked.chosen)?;
    let key = shared_key(&described, common)?;
    let sources = described.iter().map(|described| {
        let source = source(&described.table, key.as_deref(), common);
        source.map_err(|failure| match failure {
            Wrong::Said(reason) => Failure::Usage(format!("{}{reason}", described.place)),
            Wrong::Failed(failure) => failure,
        })
    });
    let mut edition: Edition = sources.collect::<Result<_, _>>()?;
    if is_fitting {
        edition.look_in_one_after_the_other();
    }
    let kinds: Vec<Kind> = described
        .iter()
        .filter_map(|described| Kind::of(&described.table).ok())
        .collect();
    let has_statement = |kind: &Kind| *kind != Kind::Records(Subject::BalanceSheet);
    if !kinds.iter().any(has_statement) {
        return Err(Failure::Usage(
            "no [[source]] has an income statement: add one of kind = \"income-statement\" or \"document\", or of kind = \"aggregates\" for control totals alone".to_owned(),
        ));
    }
    let from_stdin = edition.sources.iter().filter(|source| source.has_stdin());
    if from_stdin.count() > 1 {
        return Err(Failure::Usage(
            "standard input (-) is a file of two sources, and can be read once only".to_owned(),
        ));
    }
    Ok(edition)
}

/// Whether a body is named and nothing says where its accounts are, besides a portal.
fn is_body_alone(file: &File, asked: Asked<'_>) -> bool {
    !asked.chosen.bodies.is_empty()
        && asked.preset.or(file.preset.as_deref()).is_none()
        && file.datasets == Datasets::default()
        && file.fields == Fields::default()
        && file.body.is_none()
}

/// The account balances in which a body is looked for, one after the other.
fn of_fitting_presets(file: &File, asked: Asked<'_>) -> Result<Vec<Described>, Failure> {
    let mut all = Vec::new();
    for name in presets::FITTING {
        let asked = Asked {
            preset: Some(name),
            ..asked
        };
        all.extend(of_short_form(file, asked)?);
    }
    Ok(all)
}

/// Sets which account balances are asked for.
fn choose(described: &mut [Described], chosen: Chosen<'_>) -> Result<(), Failure> {
    let Some(option) = chosen.given() else {
        return Ok(());
    };
    let mut any = false;
    for described in described {
        if Kind::of(&described.table) == Ok(Kind::Balances) {
            chosen.set(&mut described.table);
            any = true;
        }
    }
    if any {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "{option} chooses of account balances, and there is no source of them: give a preset that has, as in --preset dgfip-communes, or a [[source]] of kind = \"account-balances\""
    )))
}

/// The sources of `[[source]]`, each with those of the preset that it names.
fn of_tables(file: &File, asked: Asked<'_>) -> Result<Vec<Described>, Failure> {
    refuse_both_forms(file, asked)?;
    let mut all = Vec::new();
    for (number, table) in (1..).zip(&file.source) {
        let place = match &table.name {
            Some(name) => format!("[[source]] {number} («{name}»): "),
            None => format!("[[source]] {number}: "),
        };
        let Some(preset) = &table.preset else {
            let table = table.clone();
            all.push(Described { table, place });
            continue;
        };
        let alone = SourceTable {
            preset: None,
            ..table.clone()
        };
        if !alone.is_empty() {
            return Err(Failure::Usage(format!(
                "{place}preset stands for whole sources: write nothing else in its table"
            )));
        }
        let preset = presets::by_name(preset).map_err(|error| match error {
            Failure::Usage(reason) => Failure::Usage(format!("{place}{reason}")),
            other => other,
        })?;
        all.extend(preset.source.into_iter().map(|table| Described {
            table,
            place: place.clone(),
        }));
    }
    Ok(all)
}

/// The two forms say the same thing, so that one of them would be read and the other not.
fn refuse_both_forms(file: &File, asked: Asked<'_>) -> Result<(), Failure> {
    let given = [
        ("portal", file.portal.is_some()),
        ("preset", file.preset.is_some()),
        ("api_key", file.api_key.is_some()),
        ("[datasets]", file.datasets != Datasets::default()),
        ("[fields]", file.fields != Fields::default()),
        ("[body]", file.body.is_some()),
        ("--portal (or CENTIME_PORTAL)", asked.portal.is_some()),
        ("--preset", asked.preset.is_some()),
    ];
    let given = given.into_iter().filter(|(_, is_given)| *is_given);
    let given: Vec<&str> = given.map(|(name, _)| name).collect();
    if given.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "centime.toml has [[source]], and {} is given, too: that is the short form of two sources. Say in each [[source]] which portal, dataset, fields and api_key it has, or leave [[source]] out",
        given.join(", ")
    )))
}

/// The sources of a preset with what the short form sets: another portal, other datasets and how they are read.
fn of_short_form(file: &File, asked: Asked<'_>) -> Result<Vec<Described>, Failure> {
    let name = asked.preset.or(file.preset.as_deref());
    let preset = presets::by_name(name.unwrap_or(USUAL_PRESET))?;
    let portal = asked.portal.or(file.portal.as_deref());
    let mut all = Vec::new();
    for mut table in preset.source {
        let kind = Kind::of(&table).map_err(Failure::Unexpected)?;
        if kind == Kind::Balances {
            if let Some(portal) = portal {
                table.portal = Some(portal.to_owned());
            }
            table.api_key.clone_from(&file.api_key);
            let place = String::new();
            all.push(Described { table, place });
            continue;
        }
        let Kind::Records(subject) = kind else {
            all.push(Described {
                table,
                place: String::new(),
            });
            continue;
        };
        if let Some(portal) = portal {
            table.portal = Some(portal.to_owned());
        }
        table.api_key.clone_from(&file.api_key);
        let (dataset, fields) = match subject {
            Subject::IncomeStatement => (
                &file.datasets.income_statement,
                &file.fields.income_statement,
            ),
            Subject::BalanceSheet => (&file.datasets.balance_sheet, &file.fields.balance_sheet),
            // The short form has nothing to say of them.
            Subject::Aggregates | Subject::AccountBalances => {
                let place = String::new();
                all.push(Described { table, place });
                continue;
            }
        };
        match dataset.id.as_deref().map(str::trim) {
            // There is none.
            Some("") if subject == Subject::BalanceSheet => continue,
            Some(id) => table.dataset = Some(id.to_owned()),
            None => {}
        }
        known_fields(subject, fields)
            .map_err(|reason| Failure::Usage(format!("fields.{}: {reason}", subject.name())))?;
        table.fields.extend(fields.clone());
        table.read_as(dataset);
        if let Some(body) = &file.body {
            table.body = Some(body.name.clone());
            table.siren = Some(body.siren.clone());
            body_name(body).map_err(Failure::Usage)?;
        }
        let place = format!("datasets.{}.", subject.name());
        all.push(Described { table, place });
    }
    Ok(all)
}

impl SourceTable {
    /// Takes over how a dataset is asked for and read, as far as that is set.
    fn read_as(&mut self, dataset: &DatasetTable) {
        let DatasetTable {
            id: _,
            r#where,
            timezone,
            decimal,
            thousands,
            fiscal_year,
            columns,
            ignore,
        } = dataset.clone();
        self.r#where = r#where.or(self.r#where.take());
        self.timezone = timezone.or(self.timezone.take());
        self.decimal = decimal.or(self.decimal.take());
        self.thousands = thousands.or(self.thousands.take());
        self.fiscal_year.format = fiscal_year.format.or(self.fiscal_year.format.take());
        self.columns.extend(columns);
        self.ignore.extend(ignore);
    }

    fn reading(&self, subject: Subject) -> Result<DatasetOptions, String> {
        let settings = DatasetSettings {
            filter: self.r#where.clone(),
            timezone: self.timezone.clone(),
            decimal: self.decimal.clone(),
            thousands: self.thousands.clone(),
            year_format: self.fiscal_year.format.clone(),
            columns: self.columns.clone(),
            ignore: self.ignore.clone(),
            rounding: self.rounding.clone(),
        };
        DatasetOptions::new(subject, &settings).map_err(|error| error.to_string())
    }

    /// Whether nothing is set.
    fn is_empty(&self) -> bool {
        let other = [&self.kind, &self.name, &self.preset, &self.nomenclature];
        other.into_iter().all(Option::is_none)
            && self.files.is_empty()
            && self.of_records().is_empty()
            && self.of_balances().is_empty()
    }

    /// The settings that only account balances have, as far as they are given.
    fn of_balances(&self) -> Vec<&'static str> {
        let given = [
            ("years", self.years.is_some()),
            ("bodies", !self.bodies.is_empty()),
            ("provisional", self.provisional),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(name, _)| name).collect()
    }

    /// The settings that only records have, as far as they are given.
    fn of_records(&self) -> Vec<&'static str> {
        let given = [
            ("portal", self.portal.is_some()),
            ("api_key", self.api_key.is_some()),
            ("dataset", self.dataset.is_some()),
            ("optional", self.optional),
            ("fields", !self.fields.is_empty()),
            ("siren", self.siren.is_some()),
            ("body", self.body.is_some()),
            ("where", self.r#where.is_some()),
            ("timezone", self.timezone.is_some()),
            ("decimal", self.decimal.is_some()),
            ("thousands", self.thousands.is_some()),
            ("fiscal_year", self.fiscal_year.format.is_some()),
            ("columns", !self.columns.is_empty()),
            ("ignore", !self.ignore.is_empty()),
            ("rounding", self.rounding.is_some()),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(name, _)| name).collect()
    }
}

/// What is wrong with a source: in its table, or with a failure of its own.
enum Wrong {
    Said(String),
    Failed(Failure),
}

impl From<String> for Wrong {
    fn from(reason: String) -> Self {
        Self::Said(reason)
    }
}

impl From<centime_portal::Error> for Wrong {
    fn from(error: centime_portal::Error) -> Self {
        Self::Failed(error.into())
    }
}

fn source(table: &SourceTable, key: Option<&str>, common: &Common<'_>) -> Result<Source, Wrong> {
    let kind = Kind::of(table)?;
    if let (true, Some(other)) = (kind != Kind::Balances, table.of_balances().first()) {
        return Err(format!("{other} is for kind = \"account-balances\" only").into());
    }
    match kind {
        Kind::Balances => balances(table, key, common),
        Kind::Records(subject) => records(subject, table, key, common),
        Kind::Document => {
            if let Some(other) = table.of_records().first() {
                return Err(format!(
                    "{other} is not for kind = \"document\": a document says it itself"
                )
                .into());
            }
            let of = DocumentFiles {
                files: files(table, common)?,
                nomenclature: table.nomenclature.clone(),
                bodies: Vec::new(),
                provisional: true,
            };
            Ok(Source::Documents(DocumentSource {
                name: table.name.clone(),
                of: DocumentsOf::Files(Box::new(of)),
            }))
        }
    }
}

/// Account balances of a portal or in files.
fn balances(table: &SourceTable, key: Option<&str>, common: &Common<'_>) -> Result<Source, Wrong> {
    let is_known = |name: &&str| ["portal", "api_key", "dataset", "where"].contains(name);
    if let Some(other) = table.of_records().iter().find(|name| !is_known(name)) {
        return Err(format!(
            "{other} is not for kind = \"account-balances\": their columns are known"
        )
        .into());
    }
    let Some(url) = transport(table)? else {
        let of_portal = table.of_records();
        if let Some(other) = of_portal.first().or(table.years.as_ref().map(|_| &"years")) {
            return Err(
                format!("{other} is for account balances of a portal, and here are files").into(),
            );
        }
        let of = DocumentFiles {
            files: files(table, common)?,
            nomenclature: table.nomenclature.clone(),
            bodies: table.bodies.clone(),
            provisional: table.provisional,
        };
        return Ok(Source::Documents(DocumentSource {
            name: table.name.clone(),
            of: DocumentsOf::Files(Box::new(of)),
        }));
    };
    if table.nomenclature.is_some() {
        return Err(
            "nomenclature is for files only: account balances of a portal say it"
                .to_owned()
                .into(),
        );
    }
    let dataset = table.dataset.as_deref().unwrap_or_default().trim();
    if dataset.is_empty() {
        return Err("dataset must be given: its identifier on the portal"
            .to_owned()
            .into());
    }
    let datasets = vec![dataset.to_owned()];
    check_datasets(&datasets).map_err(|error| format!("dataset: {error}"))?;
    let years = table.years.as_deref().map(years).transpose();
    Ok(BalanceSource {
        name: table.name.clone(),
        portal: portal(url, table, key, common)?,
        datasets,
        years: years.map_err(|reason| {
            format!(
                "years = \"{}\": {reason}",
                table.years.as_deref().unwrap_or_default()
            )
        })?,
        bodies: table.bodies.clone(),
        filter: table.r#where.clone(),
        provisional: table.provisional,
        folder: common.downloads.map(Path::to_owned),
    }
    .into())
}

/// The address of the portal that records come from; `None` where they are in files.
fn transport(table: &SourceTable) -> Result<Option<&str>, String> {
    match (&table.portal, table.files.is_empty()) {
        (Some(_), false) => Err("portal and files name two places: give one of them".to_owned()),
        (None, true) => Err(
            "say where the records are: portal = \"https://…\" with dataset, or files = [\"…\"]"
                .to_owned(),
        ),
        (Some(url), true) => Ok(Some(url)),
        (None, false) => Ok(None),
    }
}

fn portal(
    url: &str,
    table: &SourceTable,
    key: Option<&str>,
    common: &Common<'_>,
) -> Result<Portal, centime_portal::Error> {
    let own = table.api_key.as_ref().map(|key| key.reveal().to_owned());
    Portal::builder(url)
        .api_key(own.or_else(|| key.map(str::to_owned)))
        .limits(common.limits)
        .hosts(hosts(url, common.retrieval))
        .private_addresses(common.retrieval.private_addresses.unwrap_or(false))
        .build()
}

fn records(
    subject: Subject,
    table: &SourceTable,
    key: Option<&str>,
    common: &Common<'_>,
) -> Result<Source, Wrong> {
    if table.nomenclature.is_some() {
        return Err("nomenclature is for kind = \"document\" only"
            .to_owned()
            .into());
    }
    let (transport, usual): (Transport, &str) = if let Some(url) = transport(table)? {
        (portal(url, table, key, common)?.into(), "")
    } else {
        if table.r#where.is_some() {
            return Err(
                "where is applied by a portal, and files have none: choose the records before"
                    .to_owned()
                    .into(),
            );
        }
        let files = files(table, common)?;
        let usual = match subject {
            Subject::IncomeStatement => "compte-de-resultat",
            Subject::Aggregates => "agregats",
            Subject::BalanceSheet | Subject::AccountBalances => "bilan-comptable",
        };
        (Transport::Files(RecordFiles { files }), usual)
    };
    let dataset = table.dataset.as_deref().map_or(usual, str::trim);
    if dataset.is_empty() {
        return Err("dataset must be given: its identifier on the portal"
            .to_owned()
            .into());
    }
    known_fields(subject, &table.fields).map_err(|reason| format!("fields: {reason}"))?;
    let body = match (&table.body, &table.siren) {
        (None, None) => None,
        (None, Some(_)) => {
            return Err(
                "siren is that of a body: give its name, too, as body = \"…\""
                    .to_owned()
                    .into(),
            );
        }
        (Some(name), siren) => Some(body_name(&BodyTable {
            name: name.clone(),
            siren: siren.clone().unwrap_or_default(),
        })?),
    };
    Ok(RecordSource {
        name: table.name.clone(),
        optional: table.optional,
        fields: table.fields.clone(),
        reading: table.reading(subject)?,
        body,
        ..RecordSource::new(subject, transport, dataset)
    }
    .into())
}

fn files(table: &SourceTable, common: &Common<'_>) -> Result<Files, String> {
    let web = WebFiles {
        limits: common.limits,
        hosts: common.retrieval.hosts.clone().unwrap_or_default(),
        private_addresses: common.retrieval.private_addresses.unwrap_or(false),
        ..WebFiles::default()
    };
    Files::new(&table.files, common.folder, web).map_err(|reason| format!("files: {reason}"))
}

/// The hosts that a portal may redirect to.
fn hosts(portal: &str, retrieval: &RetrievalTable) -> Vec<String> {
    let set = retrieval.hosts.clone();
    set.unwrap_or_else(|| presets::hosts_of(portal))
}

/// The key of the environment, which is for one portal only: another one is not told it.
fn shared_key(described: &[Described], common: &Common<'_>) -> Result<Option<String>, Failure> {
    let Some(key) = &common.api_key else {
        return Ok(None);
    };
    let tables = described.iter().map(|described| &described.table);
    let without = tables.filter(|table| table.api_key.is_none());
    let mut portals: Vec<&str> = without
        .filter_map(|table| table.portal.as_deref())
        .collect();
    portals.sort_unstable();
    portals.dedup();
    if let [one, other, ..] = portals[..] {
        return Err(Failure::Usage(format!(
            "{API_KEY} would be sent to {one} and to {other}: set api_key in the [[source]] that it is for"
        )));
    }
    Ok(Some(key.clone()))
}

/// Refuses names of fields that mean nothing.
fn known_fields(subject: Subject, fields: &BTreeMap<String, String>) -> Result<(), String> {
    let known: Vec<&str> = centime_pipeline::field_names(subject).collect();
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(format!(
            "there is no «{unknown}»: expected one of {}",
            known.join(", ")
        )),
    }
}

/// The public body that a configuration names.
fn body_name(body: &BodyTable) -> Result<BodyName, String> {
    let siren = match body.siren.trim() {
        "" => String::new(),
        text => {
            let digits = identifier::digits(text);
            let digits = digits.map_err(|error| format!("body.siren: {error}"))?;
            digits.into_owned()
        }
    };
    Ok(BodyName {
        siren,
        name: body.name.clone(),
    })
}
