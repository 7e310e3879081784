//! The pages of the site for search engines (sitemaps.org): every page in each language, and no view of one.
//!
//! A site of many public bodies has a list of lists, because a list may have fifty thousand addresses.

use axum::Extension;
use axum::response::Response;
use centime_analytics::Language;
use centime_render::link;
use centime_warehouse::Body;

use crate::access::Client;
use crate::http::reply::Reply;
use crate::http::xml::Xml;
use crate::request::context::RequestContext;
use crate::request::lines_query::number;
use crate::request::page_error::PageError;
use crate::request::paths;
use crate::state::resolved_view::Choice;
use crate::state::snapshot::Published;

/// Its media type.
const MEDIA_TYPE: &str = "application/xml; charset=utf-8";

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// How many public bodies a list has: with all their pages, far fewer addresses than it may have.
const BODIES: i64 = 250;

/// The largest number of a list.
const LAST: i64 = 100_000;

/// The pages of a public body.
const OF_BODY: [&str; 7] = [
    "/",
    paths::STATEMENT,
    paths::YEARS,
    "/dashboard",
    "/analyses",
    "/lines",
    "/quality",
];

/// The pages of the site.
const OF_SITE: [&str; 3] = [paths::GLOSSARY, paths::TOOLS, "/api/v1"];

/// Answers with the list. It is made for each visitor, because it says how they reach the site.
pub async fn answer(context: RequestContext, Extension(client): Extension<Client>) -> Response {
    match list(&context, &client).await {
        Ok(reply) => context.respond(reply),
        Err(problem) => context.refuse(&problem),
    }
}

async fn list(context: &RequestContext, client: &Client) -> Result<Reply, PageError> {
    context.understood()?;
    let published = context.published()?;
    let site = context.reached(client);
    let day = published
        .revision
        .published_at
        .get(..10)
        .unwrap_or_default();
    let part = number(context, "page", 1..=LAST, "lines.allowed_page")?;
    if let Some(only) = &published.only {
        if part.is_some_and(|part| part != 1) {
            return Err(PageError::NotFound);
        }
        let mut paths = of_site();
        paths.extend(of_body(context, published, only, None));
        return Ok(pages(&site, day, &paths));
    }
    let revision = published.revision.id;
    let offset = (part.unwrap_or(1) - 1) * BODIES;
    let found = context
        .warehouse()?
        .bodies(revision, "", offset, BODIES)
        .await?;
    let parts = (found.matching + BODIES - 1) / BODIES;
    match part {
        Some(part) if part > parts.max(1) => return Err(PageError::NotFound),
        None if parts > 1 => return Ok(parts_of(&site, day, parts)),
        _ => {}
    }
    let mut paths = if offset == 0 {
        let mut paths = of_site();
        paths.push(("/".to_owned(), Vec::new()));
        paths
    } else {
        Vec::new()
    };
    for body in &found.bodies {
        paths.extend(of_body(context, published, body, Some(&body.siren)));
    }
    Ok(pages(&site, day, &paths))
}

/// A page by its path and parameters.
type Page = (String, Vec<(&'static str, String)>);

fn of_site() -> Vec<Page> {
    let paths = OF_SITE.into_iter();
    paths.map(|path| (path.to_owned(), Vec::new())).collect()
}

fn of_body(
    context: &RequestContext,
    published: &Published,
    body: &Body,
    named: Option<&str>,
) -> Vec<Page> {
    if !body.has_statement() {
        let parameters = named.map(|siren| ("body", siren.to_owned()));
        return vec![("/".to_owned(), parameters.into_iter().collect())];
    }
    let mut paths: Vec<String> = OF_BODY.map(str::to_owned).to_vec();
    let analyses = published.catalogue.analyses();
    paths.extend(analyses.map(|analysis| format!("/analyses/{}", analysis.name())));
    if context.site.reports().is_some() {
        paths.push(paths::REPORT.to_owned());
    }
    // Which years others have is known only when they are looked at.
    if let Choice::Body(snapshot) = &context.choice
        && snapshot.body.siren == body.siren
    {
        let years = snapshot.choices.fiscal_years.iter();
        paths.extend(years.map(|year| format!("{}/{year}", paths::YEARS)));
    }
    let parameters: Vec<_> = named
        .map(|siren| ("body", siren.to_owned()))
        .into_iter()
        .collect();
    let paths = paths.into_iter();
    paths.map(|path| (path, parameters.clone())).collect()
}

fn pages(site: &str, day: &str, pages: &[Page]) -> Reply {
    let mut xml = Xml::begin();
    xml.open(
        "urlset",
        &[
            ("xmlns", NAMESPACE),
            ("xmlns:xhtml", "http://www.w3.org/1999/xhtml"),
        ],
    );
    for (path, parameters) in pages {
        let addresses = Language::ALL.map(|language| {
            let mut parameters: Vec<(&str, &str)> = parameters
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            parameters.push(("lang", language.code()));
            (
                language.code(),
                format!("{site}{}", link::to(path, &parameters)),
            )
        });
        for (_, address) in &addresses {
            xml.open("url", &[]);
            xml.text("loc", &[], address);
            xml.text("lastmod", &[], day);
            for (language, other) in &addresses {
                let link = [
                    ("rel", "alternate"),
                    ("hreflang", *language),
                    ("href", other),
                ];
                xml.empty("xhtml:link", &link);
            }
            xml.close("url");
        }
    }
    xml.close("urlset");
    Reply::markup(MEDIA_TYPE, xml.end())
}

/// The pages of a copy by their addresses.
pub fn of_copy(addresses: impl Iterator<Item = String>) -> Vec<u8> {
    let mut xml = Xml::begin();
    xml.open("urlset", &[("xmlns", NAMESPACE)]);
    for address in addresses {
        xml.open("url", &[]);
        xml.text("loc", &[], &address);
        xml.close("url");
    }
    xml.close("urlset");
    xml.end()
}

fn parts_of(site: &str, day: &str, parts: i64) -> Reply {
    let mut xml = Xml::begin();
    xml.open("sitemapindex", &[("xmlns", NAMESPACE)]);
    for part in 1..=parts {
        xml.open("sitemap", &[]);
        xml.text("loc", &[], &format!("{site}{}?page={part}", paths::SITEMAP));
        xml.text("lastmod", &[], day);
        xml.close("sitemap");
    }
    xml.close("sitemapindex");
    Reply::markup(MEDIA_TYPE, xml.end())
}
