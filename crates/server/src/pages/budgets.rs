//! The budgets of a public body that has several, each of which has pages of its own: figures of two are never added.

use centime_accounts::Budget;
use centime_render::Locale;
use centime_warehouse::Body;

use crate::state::snapshot::Snapshot;

/// The budgets of the body that a page is of one budget of.
pub struct BudgetsView {
    /// Which of them the figures of the page are of.
    pub text: String,
    /// None where there is no other that has a statement.
    pub rows: Vec<BudgetRow>,
    /// Years of budgets whose accounts are kept, and of which no statement can be made.
    pub unknown: Vec<String>,
}

/// A budget.
pub struct BudgetRow {
    /// Its page; `None` of the one that is shown.
    pub link: Option<String>,
    pub name: String,
    /// What it is beside the others; empty where the source does not say.
    pub what: &'static str,
    pub siret: String,
    pub years: String,
}

/// Which budget the figures of a page are of, and the way to the others.
pub struct BudgetBar {
    pub text: String,
    pub link: String,
    pub label: String,
}

impl BudgetsView {
    /// `None` where there is no other budget.
    pub fn of(snapshot: &Snapshot, locale: &'static Locale) -> Option<Self> {
        let budgets = &snapshot.budgets;
        let unknown = unknown(snapshot);
        if budgets.is_empty() && unknown.is_empty() {
            return None;
        }
        let row = |budget: &Body| BudgetRow {
            link: (budget.siren != snapshot.body.siren)
                .then(|| snapshot.link_to_budget(budget, "/")),
            name: budget.name.clone(),
            what: budget
                .budget
                .map_or("", |kind| locale.term("budget", kind.name())),
            siret: budget.siren.clone(),
            years: locale.years(budget.first_year, budget.last_year),
        };
        Some(Self {
            text: alone(snapshot, locale),
            rows: budgets.iter().map(row).collect(),
            unknown,
        })
    }
}

impl BudgetBar {
    /// `None` where there is no other budget. From the main budget it leads to the list of all of them, from the others
    /// to the main one, where the source says which one that is.
    pub fn of(snapshot: &Snapshot, locale: &'static Locale) -> Option<Self> {
        let others = snapshot.budgets.len().checked_sub(1)?;
        let main = main_budget(snapshot).filter(|main| main.siren != snapshot.body.siren);
        let (link, label) = match main {
            Some(main) => (
                snapshot.link_to_budget(main, "/"),
                locale.fill("budgets.to_main", &[("name", &main.name)]),
            ),
            None => (
                format!("{}#budgets", snapshot.link("/", &[])),
                locale.count("budgets.others", i64::try_from(others).unwrap_or(i64::MAX)),
            ),
        };
        Some(Self {
            text: alone(snapshot, locale),
            link,
            label,
        })
    }
}

/// The main budget of the body, where the source says which one that is.
fn main_budget(snapshot: &Snapshot) -> Option<&Body> {
    let mut main = snapshot
        .budgets
        .iter()
        .filter(|budget| budget.budget == Some(Budget::Main));
    main.next().filter(|_| main.next().is_none())
}

/// What the checks say of budgets of the body whose nomenclature is not known. Where there is one body, they are its.
fn unknown(snapshot: &Snapshot) -> Vec<String> {
    let published = &snapshot.published;
    let siren = snapshot.body.siren_number();
    let checks = published.checks.iter();
    let found = checks.filter(|check| check.name == "nomenclatures-known");
    found
        .flat_map(|check| &check.subjects)
        .filter(|subject| published.only.is_some() || subject.starts_with(siren))
        .cloned()
        .collect()
}

/// That the figures are those of this budget alone.
fn alone(snapshot: &Snapshot, locale: &Locale) -> String {
    let key = match snapshot.body.budget {
        Some(Budget::Main) => "budgets.alone_main",
        Some(Budget::Attached) => "budgets.alone_attached",
        Some(Budget::Annex) => "budgets.alone_annex",
        None => "budgets.alone",
    };
    locale.text(key).to_owned()
}
