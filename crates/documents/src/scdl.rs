//! The budget table of the SCDL (*Socle commun des données locales*), a CSV file: one row for each account and
//! function, with the columns `BGT_NATDEC`, `BGT_ANNEE`, `BGT_SIRET`, `BGT_NATURE`, `BGT_CODRD`, `BGT_MTREAL`, …

use std::collections::BTreeMap;
use std::io::Read;

use centime_accounts::FiscalYear;
use centime_accounts::label::normalise;
use csv::StringRecord;

use crate::document::{Document, DocumentBudget, DocumentKind, Executed};
use crate::error::{Error, Problem};
use crate::execution::{ExecutedLine, Execution};
use crate::limits::Limits;
use crate::table::Rows;
use crate::text::Text;
use crate::values;

/// How many years a table may have.
const MAX_YEARS: usize = 100;

/// Where the columns are.
struct Columns {
    kind: usize,
    year: usize,
    siret: usize,
    account: usize,
    flow: usize,
    amount: usize,
    name: Option<usize>,
    label: Option<usize>,
    operation: Option<usize>,
}

impl Columns {
    fn find(header: &StringRecord) -> Result<Self, Problem> {
        let place = |name: &str| {
            let mut names = header.iter();
            names.position(|found| found.trim().eq_ignore_ascii_case(name))
        };
        let needed = |name: &str| {
            place(name).ok_or_else(|| Problem::Missing(format!("column {name} in the table")))
        };
        Ok(Self {
            kind: needed("BGT_NATDEC")?,
            year: needed("BGT_ANNEE")?,
            siret: needed("BGT_SIRET")?,
            account: needed("BGT_NATURE")?,
            flow: needed("BGT_CODRD")?,
            amount: needed("BGT_MTREAL")?,
            name: place("BGT_NOM"),
            label: place("BGT_NATURE_LABEL"),
            operation: place("BGT_OPBUDG"),
        })
    }
}

/// A table as far as it was read.
#[derive(Default)]
struct Table {
    siret: Option<String>,
    name: Option<String>,
    years: BTreeMap<FiscalYear, Execution>,
    lines: u64,
}

/// Reads a table: a document for each of its years.
pub fn read<R: Read>(text: Text<R>, file: &str, limits: &Limits) -> Result<Vec<Document>, Error> {
    let mut rows = Rows::new(text, file)?;
    let header = rows.header()?;
    let columns = Columns::find(&header).map_err(|problem| Error::of(file, 1, problem))?;
    let mut table = Table::default();
    let mut row = StringRecord::new();
    while let Some(line) = rows.read(&mut row)? {
        table
            .row(&row, &columns, line, limits)
            .map_err(|problem| Error::of(file, line, problem))?;
    }
    table
        .finish(file)
        .map_err(|problem| Error::whole(file, problem))
}

impl Table {
    fn row(
        &mut self,
        row: &StringRecord,
        columns: &Columns,
        line: u64,
        limits: &Limits,
    ) -> Result<(), Problem> {
        self.lines += 1;
        if self.lines > limits.lines {
            return Err(Problem::TooMuch(format!("{} lines", limits.lines)));
        }
        let value = |place: usize| row.get(place).unwrap_or_default();
        let given = |place: Option<usize>| {
            let text = place.and_then(|place| row.get(place)).map(str::trim);
            text.filter(|text| !text.is_empty())
        };
        check_kind(value(columns.kind))?;
        let siret = value(columns.siret);
        if self.siret.as_deref() != Some(siret) {
            values::same(
                &mut self.siret,
                values::siret("BGT_SIRET", siret)?,
                "budgets",
                "give the rows of each budget as a file of its own",
            )?;
        }
        if self.name.is_none() {
            self.name = given(columns.name).map(str::to_owned);
        }
        let year = values::year("BGT_ANNEE", value(columns.year))?;
        let many = self.years.len();
        if many == MAX_YEARS && !self.years.contains_key(&year) {
            return Err(Problem::TooMuch(format!("{MAX_YEARS} years")));
        }
        let execution = self.years.entry(year).or_default();
        let Some(account) = given(Some(columns.account)) else {
            return Ok(());
        };
        let account = values::account("BGT_NATURE", account)?;
        let Some(amount) = given(Some(columns.amount)) else {
            return Ok(());
        };
        let amount = values::amount_of_table("BGT_MTREAL", amount)?;
        let operation = normalise(given(columns.operation).unwrap_or_default());
        let executed = ExecutedLine {
            account,
            label: given(columns.label),
            flow: values::flow("BGT_CODRD", given(Some(columns.flow)))?,
            order: matches!(operation.as_str(), "ordre" | "1"),
            amount,
            line,
        };
        execution.add(executed, limits.accounts)
    }

    fn finish(self, file: &str) -> Result<Vec<Document>, Problem> {
        let none = || Problem::NoLines("no row has an account and an executed amount".to_owned());
        let siret = self.siret.ok_or_else(none)?;
        let name = self.name.unwrap_or_else(|| siret.clone());
        let (name, chart) = values::name_and_chart(&name);
        let documents: Vec<Document> = self
            .years
            .into_iter()
            .filter(|(_, execution)| !execution.is_empty())
            .map(|(year, execution)| Document {
                file: file.to_owned(),
                kind: DocumentKind::BudgetTable,
                version: None,
                budget: DocumentBudget {
                    siret: siret.clone(),
                    name: name.clone(),
                    kind: None,
                    insee: None,
                    body_kind: None,
                    departement: None,
                },
                year,
                chart: chart.clone(),
                population: None,
                statement: Vec::new(),
                balance: Vec::new(),
                executed: execution.finish(),
                budget_part: Executed::default(),
                balances: None,
                lines: self.lines,
            })
            .collect();
        if documents.is_empty() {
            return Err(none());
        }
        Ok(documents)
    }
}

/// Refuses rows of what is a budget and no account.
fn check_kind(text: &str) -> Result<(), Problem> {
    match normalise(text).as_str() {
        "compte administratif" | "compte financier unique" | "09" | "9" | "10" => Ok(()),
        "budget primitif"
        | "decision modificative"
        | "budget supplementaire"
        | "01"
        | "02"
        | "03"
        | "1"
        | "2"
        | "3" => Err(Problem::Voted {
            what: format!("a row of a {} (BGT_NATDEC)", values::quoted(text)),
        }),
        _ => Err(Problem::Value {
            field: "BGT_NATDEC".to_owned(),
            reason: format!(
                "{} is not a kind of budget document: expected «Compte administratif» or «Compte financier unique»",
                values::quoted(text)
            ),
        }),
    }
}
