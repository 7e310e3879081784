//! The addresses of accounts and indicators.

use centime_accounts::FiscalYear;
use centime_render::dashboard::REVISION;
use centime_render::link;
use centime_render::provenance::source::ALL;

use crate::request::context::RequestContext;
use crate::request::paths;
use crate::request::statement_address::YEAR;
use crate::state::snapshot::Snapshot;

/// The accounts of a year.
pub fn of_year(snapshot: &Snapshot, fiscal_year: FiscalYear) -> String {
    within(snapshot, fiscal_year, &[])
}

/// An account and its subdivisions in a year.
pub fn of_account(snapshot: &Snapshot, account: &str, fiscal_year: FiscalYear) -> String {
    within(snapshot, fiscal_year, &[("account", account)])
}

/// The accounts that an indicator adds up in a year.
pub fn of_indicator(snapshot: &Snapshot, code: &str, fiscal_year: FiscalYear) -> String {
    within(snapshot, fiscal_year, &[("indicator", code)])
}

fn within(snapshot: &Snapshot, fiscal_year: FiscalYear, restricted: &[(&str, &str)]) -> String {
    let year = fiscal_year.to_string();
    let mut parameters = vec![(YEAR, year.as_str())];
    parameters.extend_from_slice(restricted);
    let address = snapshot.link(paths::ACCOUNTS, &parameters);
    format!("{address}#{}", part_of(fiscal_year))
}

/// The same restriction in another year.
pub fn same(context: &RequestContext, fiscal_year: FiscalYear) -> String {
    let year = fiscal_year.to_string();
    let kept = ["account", "indicator"];
    let kept = kept
        .into_iter()
        .filter_map(|name| Some((name, context.parameter(name)?)));
    let parameters: Vec<(&str, &str)> =
        std::iter::once((YEAR, year.as_str())).chain(kept).collect();
    context.link(paths::ACCOUNTS, &parameters)
}

/// The name of the part of the page that has the accounts of a year.
pub fn part_of(fiscal_year: FiscalYear) -> String {
    format!("accounts-{fiscal_year}")
}

/// The file of all public bodies below a path.
pub fn of_all(snapshot: &Snapshot, path: &str, extension: &str) -> String {
    let revision = snapshot.named_revision().map(|number| number.to_string());
    let revision = revision.as_deref().map(|number| (REVISION, number));
    let parameters = revision.into_iter().chain([("body", ALL)]);
    link::to(
        &format!("{path}.{extension}"),
        &parameters.collect::<Vec<_>>(),
    )
}
