//! The page that says how other programs read the data: addresses and snippets of this site, of the body that is
//! looked at. The guide has the same snippets, and a test runs them.

use askama::Template;
use axum::Extension;
use axum::response::Response;
use centime_access::Mode;

use crate::access::Client;
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::state::resolved_view::Choice;

/// All public bodies, as an address has them that every tool takes as it is.
const ALL_ENCODED: &str = "%2A";

/// Each tool: the key of what is said of it, its name, and what is written in it.
pub const SNIPPETS: [(&str, &str, &str); 7] = [
    (
        "tools.pandas",
        "pandas",
        include_str!("../../snippets/pandas.py"),
    ),
    (
        "tools.polars",
        "Polars",
        include_str!("../../snippets/polars.py"),
    ),
    (
        "tools.duckdb",
        "DuckDB",
        include_str!("../../snippets/duckdb.sql"),
    ),
    ("tools.r", "R", include_str!("../../snippets/r.R")),
    (
        "tools.excel",
        "Excel, Power BI",
        include_str!("../../snippets/excel.pq"),
    ),
    (
        "tools.psql",
        "psql",
        include_str!("../../snippets/psql.sql"),
    ),
    ("tools.dbt", "dbt", include_str!("../../snippets/dbt.yml")),
];

#[derive(Template)]
#[template(path = "tools.html")]
struct ToolsPage<'a> {
    frame: Frame<'a>,
    /// Whether a token is needed to read.
    token: bool,
    addresses: Vec<String>,
    tools: Vec<ToolView>,
}

struct ToolView {
    id: &'static str,
    name: &'static str,
    about: String,
    snippet: String,
}

/// Answers with the page. It is made for each visitor, because it says how they reach the site.
pub async fn answer(context: RequestContext, Extension(client): Extension<Client>) -> Response {
    match page(&context, &client) {
        Ok(reply) => context.respond(reply),
        Err(problem) => context.refuse(&problem),
    }
}

fn page(context: &RequestContext, client: &Client) -> Result<Reply, PageError> {
    context.published()?;
    let locale = context.locale;
    let site = context.reached(client);
    let body = match &context.choice {
        Choice::Body(snapshot) => snapshot.body.siren.as_str(),
        _ => ALL_ENCODED,
    };
    let frame = Frame::new(context, locale.text("tools.title"), Section::None);
    let tools = SNIPPETS.map(|(key, name, snippet)| ToolView {
        id: key.trim_start_matches("tools."),
        name,
        about: frame.rich(key),
        snippet: written(snippet, &site, body),
    });
    let addresses = [
        "analyses/yearly-result.parquet",
        "analyses/yearly-result.csv",
        "lines.parquet",
        "bodies.csv",
    ];
    let addresses = addresses.map(|file| {
        let query = if file.starts_with("bodies") {
            String::new()
        } else {
            format!("?body={body}")
        };
        format!("{site}/api/v1/{file}{query}")
    });
    let page = ToolsPage {
        token: context.site.guard().settings.mode == Mode::Token,
        addresses: addresses.to_vec(),
        tools: tools.into_iter().collect(),
        frame,
    };
    page.frame.around(&page)
}

/// A snippet for this site and body.
fn written(snippet: &str, site: &str, body: &str) -> String {
    let snippet = if body == ALL_ENCODED {
        snippet.replace("WHERE siren = '{body}'\n", "")
    } else {
        snippet.to_owned()
    };
    snippet.replace("{site}", site).replace("{body}", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_the_snippets_of_the_page() {
        let guide = include_str!("../../../../docs/tools.md");
        for (id, _, snippet) in SNIPPETS {
            let written = written(snippet, "https://comptes.example.fr", "217500016");
            assert!(guide.contains(&written), "docs/tools.md lacks {id}");
        }
    }
}
