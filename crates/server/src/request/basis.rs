//! Which lines an analysis takes, as an address asks for it.

use centime_analytics::Basis;
use centime_render::Locale;
use centime_render::provenance::source::Filter;

use super::context::RequestContext;
use super::lines_query::bad;
use super::page_error::PageError;

/// The basis that an address asks for.
pub fn basis(context: &RequestContext) -> Result<Basis, PageError> {
    match context
        .parameter("basis")
        .map(|basis| (basis, basis.parse()))
    {
        None => Ok(Basis::default()),
        Some((_, Ok(basis))) => Ok(basis),
        Some((value, Err(_))) => {
            let allowed = Basis::ALL.map(Basis::name);
            Err(bad(context.locale, "basis", value, &allowed))
        }
    }
}

/// The basis as what restricts rows.
pub fn of_basis(basis: Basis, locale: &Locale) -> Filter {
    Filter {
        name: "basis".to_owned(),
        label: locale.text("dashboard.basis").to_owned(),
        code: basis.name().to_owned(),
        value: locale.term("basis", basis.name()).to_owned(),
    }
}
