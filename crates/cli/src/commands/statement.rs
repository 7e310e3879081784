//! `centime statement`: the income statement, line by line, on standard output or in a file.

use centime_analytics::rows::What;

use crate::args::Statement;
use crate::commands::accounts::are_known;
use crate::commands::rows::{Asked, Shown};
use crate::config::Config;
use crate::failure::Failure;

/// What a table for people shows of a line.
const FOR_PEOPLE: [&str; 7] = [
    "fiscal_year",
    "role",
    "label",
    "amount",
    "revenue_share",
    "difference",
    "known",
];

/// Prints the statement.
pub async fn statement(config: &Config, statement: &Statement) -> Result<(), Failure> {
    let asked = Asked::open(config, &statement.rows).await?;
    if statement.by_nature {
        are_known(&asked).await?;
    }
    let (title, what) = if statement.by_nature {
        ("Income statement by nature", What::ByNature)
    } else {
        ("Income statement", What::Statement)
    };
    let shown = Shown {
        title: title.to_owned(),
        what,
        filters: Vec::new(),
        for_people: Some(&FOR_PEOPLE),
    };
    asked.write(shown).await
}
