//! What a statement no longer has: a category, a line or a fiscal year of an address that was right when it was
//! kept, before the publisher renamed or withdrew it.
//!
//! The answer is 404: the address is well formed, and there is nothing there in this revision. It names
//! what is absent and leads on: to the whole view, to what has nearly the same name, and to the revision
//! that has it where one is kept.

use centime_accounts::LineAddress;
use centime_accounts::Side;
use centime_accounts::address::Modelled;
use centime_accounts::label::normalise;
use centime_analytics::Grouping;
use centime_analytics::statement::address_of;
use centime_render::charts;
use centime_render::link;

use crate::request::context::RequestContext;
use crate::request::page_error::{Absent, PageError, Way};
use crate::request::statement_address;
use crate::state::snapshot::Snapshot;
use centime_render::language::label::{sentence_case, short_label};
use centime_warehouse::Warehouse;

/// How many of the nearest names are offered.
const NEAREST: usize = 3;

/// How long a name may be, in characters, to be near to one of a statement.
const LONGEST_NAME: usize = 300;

/// In how many other revisions it is looked for.
const LOOKED_THROUGH: usize = 3;

/// The problem that a statement has no such category or year. `names` are those that it has, as addresses
/// have them.
pub async fn absent(
    context: &RequestContext,
    snapshot: &Snapshot,
    name: &'static str,
    value: &str,
    names: &[String],
) -> PageError {
    let shown = shown(context, name, value);
    let whole = context.locale.text("problem.whole_view");
    let mut ways = vec![Way::new(whole, context.without(name))];
    if name == "category" {
        ways.extend(nearest(value, names).into_iter().map(|near| {
            let label = self::shown(context, name, near);
            Way::new(&label, with(context, name, near))
        }));
    }
    let wanted = match name {
        "category" => Wanted::Category(value),
        _ => Wanted::Year(value),
    };
    ways.extend(kept_in(context, snapshot, wanted).await);
    PageError::Absent(Box::new(Absent {
        name,
        value: value.to_owned(),
        shown,
        body: snapshot.body.name.clone(),
        revision: snapshot.published.revision.id,
        ways,
    }))
}

/// A category or a year as readers know it.
fn shown(context: &RequestContext, name: &str, value: &str) -> String {
    if name != "category" {
        return value.to_owned();
    }
    let harmonised = context.parameter("grouping") == Some(Grouping::Harmonised.name());
    let grouping = if harmonised {
        Grouping::Harmonised
    } else {
        Grouping::Published
    };
    let side = context.parameter("side").and_then(Side::named);
    let side = side.unwrap_or(Side::Expense);
    let name = charts::category_name(value, grouping, side, context.locale);
    short_label(&name, context.locale)
}

/// The same view of something else.
fn with(context: &RequestContext, name: &str, value: &str) -> String {
    let parameters: Vec<(&str, &str)> = context
        .parameters
        .iter()
        .map(|(known, given)| {
            let given = if known == name { value } else { given };
            (known.as_str(), given)
        })
        .collect();
    link::to(&context.page_path(), &parameters)
}

/// The names that are written nearly as this one, the nearest first.
fn nearest<'a>(value: &str, names: &'a [String]) -> Vec<&'a str> {
    // Nothing that is longer than any name is near to one, and looking for it would take long.
    let wanted: String = value.chars().take(LONGEST_NAME).collect();
    let wanted = normalise(&wanted);
    let mut by_distance: Vec<(usize, &str)> = names
        .iter()
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&wanted, &normalise(name));
            (distance, name.as_str())
        })
        .collect();
    by_distance.sort_by_key(|(distance, _)| *distance);
    let nearest = by_distance.into_iter().take(NEAREST);
    nearest.map(|(_, name)| name).collect()
}

/// The problem that a statement has no line of this address.
pub async fn absent_line(
    context: &RequestContext,
    snapshot: &Snapshot,
    line: &LineAddress,
) -> PageError {
    let shown = match line.modelled() {
        Some(Modelled::Line(_, _, line)) => line.label.as_str(),
        Some(Modelled::Block(_, block)) => block.label.as_str(),
        Some(Modelled::Balance(_, balance)) => balance.label.as_str(),
        None => line.as_str(),
    };
    let whole = context.locale.text("problem.whole_statement");
    let mut ways = vec![Way::new(whole, statement_address::statement(snapshot))];
    ways.extend(kept_in(context, snapshot, Wanted::Line(line)).await);
    PageError::Absent(Box::new(Absent {
        name: "line",
        value: line.to_string(),
        shown: short_label(&sentence_case(shown), context.locale),
        body: snapshot.body.name.clone(),
        revision: snapshot.published.revision.id,
        ways,
    }))
}

/// What is looked for in another revision.
#[derive(Clone, Copy, Debug)]
enum Wanted<'a> {
    Category(&'a str),
    Year(&'a str),
    Line(&'a LineAddress),
}

impl Wanted<'_> {
    /// Whether a body has it in a revision.
    async fn is_in(
        self,
        warehouse: &Warehouse,
        revision: i64,
        siren: &str,
    ) -> centime_warehouse::Result<bool> {
        Ok(match self {
            Self::Category(category) => {
                let choices = warehouse.choices(revision, siren).await?;
                choices.categories.iter().any(|known| known == category)
            }
            Self::Year(year) => {
                let choices = warehouse.choices(revision, siren).await?;
                let mut years = choices.fiscal_years.iter();
                years.any(|known| known.to_string() == year)
            }
            Self::Line(line) => {
                let lines = warehouse.statement(revision, siren).await?;
                lines.iter().any(|other| address_of(other) == *line)
            }
        })
    }
}

/// The same view in the latest other revision that has what is asked for.
async fn kept_in(context: &RequestContext, snapshot: &Snapshot, wanted: Wanted<'_>) -> Option<Way> {
    let warehouse = context.warehouse().ok()?;
    let told = |error: &centime_warehouse::Error| {
        tracing::error!(%error, "other revisions cannot be looked through");
    };
    let kept = warehouse.revisions().await.inspect_err(told).ok()?;
    let shown = snapshot.published.revision.id;
    let others = kept.into_iter().filter(|kept| kept.id != shown);
    for other in others.take(LOOKED_THROUGH) {
        let has = wanted.is_in(warehouse, other.id, &snapshot.body.siren);
        if has.await.inspect_err(told).ok()? {
            let number = other.id.to_string();
            let label = context.locale.fill("problem.kept_in", &[("id", &number)]);
            return Some(Way::new(&label, context.in_revision(other.id)));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first() {
        let names = [
            "CHARGES FINANCIÈRES",
            "CHARGES DE FONCTIONNEMENT",
            "PRODUITS COURANTS",
            "PRODUITS SPÉCIFIQUES",
        ]
        .map(str::to_owned);
        assert_eq!(
            nearest("Charges financieres", &names)[0],
            "CHARGES FINANCIÈRES"
        );
        assert_eq!(nearest("CHARGES COURANTES", &names).len(), NEAREST);
        assert!(nearest("x", &[]).is_empty());
    }
}
