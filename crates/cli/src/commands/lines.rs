//! `centime lines`: lines of the income statement on standard output or in a file.

use centime_accounts::{Activity, Role, Side};
use centime_analytics::rows::What;
use centime_render::provenance::source::Filter as Said;
use centime_server::{COUNTINGS, LONGEST_TEXT};
use centime_warehouse::lines::{Filter, Order};

use crate::args::Lines;
use crate::commands::rows::{Asked, Shown};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::sanitize;

/// What a table for people shows of a line.
const FOR_PEOPLE: [&str; 8] = [
    "fiscal_year",
    "side",
    "activity",
    "category",
    "label",
    "role",
    "amount",
    "counted",
];

/// Prints lines.
pub async fn lines(config: &Config, lines: &Lines) -> Result<(), Failure> {
    let text = lines.search.as_deref().unwrap_or_default().trim();
    if text.chars().count() > LONGEST_TEXT {
        return Err(Failure::Usage(format!(
            "--search: expected at most {LONGEST_TEXT} characters"
        )));
    }
    let asked = Asked::open(config, &lines.rows).await?;
    if let Some(category) = &lines.category {
        check_category(&asked, category).await?;
    }
    let counting = lines.counted.as_deref();
    let counting = counting.and_then(|name| COUNTINGS.iter().find(|(known, _)| *known == name));
    let filter = Filter {
        text: text.to_owned(),
        years: None,
        side: lines.side.as_deref().and_then(Side::named),
        activity: lines.activity.as_deref().and_then(Activity::named),
        label: None,
        category: lines.category.clone(),
        role: lines.role.as_deref().and_then(Role::named),
        harmonised: lines.harmonised.clone(),
        successor: lines.successor.clone(),
        counting: counting.map(|(_, counting)| *counting),
        unknown: lines.unknown,
    };
    let yes = "yes".to_owned();
    let filters = [
        ("search", lines.search.as_ref()),
        ("side", lines.side.as_ref()),
        ("activity", lines.activity.as_ref()),
        ("category", lines.category.as_ref()),
        ("role", lines.role.as_ref()),
        ("harmonised", lines.harmonised.as_ref()),
        ("successor", lines.successor.as_ref()),
        ("counted", lines.counted.as_ref()),
        ("unknown", lines.unknown.then_some(&yes)),
    ]
    .into_iter()
    .filter_map(|(name, value)| {
        Some(Said {
            name: name.to_owned(),
            label: name.to_owned(),
            code: value?.clone(),
            value: value?.clone(),
        })
    });
    let shown = Shown {
        title: "Lines of the income statement".to_owned(),
        filters: filters.collect(),
        what: What::Lines(filter, Order::default()),
        for_people: Some(&FOR_PEOPLE),
    };
    asked.write(shown).await
}

/// An unknown category would give no line, as if there were no money in it.
async fn check_category(asked: &Asked<'_>, category: &str) -> Result<(), Failure> {
    let (warehouse, revision) = (&asked.warehouse, asked.revision.id);
    let (known, whose) = match &asked.body {
        Some(body) => {
            let choices = warehouse.choices(revision, &body.siren).await?;
            let known = choices.categories.iter().any(|known| known == category);
            if known {
                return Ok(());
            }
            (choices.categories, "this statement")
        }
        None if warehouse.has_category(revision, category).await? => return Ok(()),
        None => (Vec::new(), "any statement"),
    };
    let expected = if known.is_empty() {
        String::new()
    } else {
        format!(": expected one of {}", sanitize(&known.join(", ")))
    };
    Err(Failure::Usage(format!(
        "--category: there is no «{}» in {whose}{expected}",
        sanitize(category)
    )))
}
