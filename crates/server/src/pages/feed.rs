//! The published revisions as an Atom feed (RFC 4287), for those who want to know when there are new figures.

use axum::Extension;
use axum::response::Response;
use centime_render::language::format;
use centime_render::link;
use centime_warehouse::Revision;

use crate::access::Client;
use crate::http::reply::Reply;
use crate::http::xml::Xml;
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::request::paths;

/// How many revisions a feed has at most: the latest.
const ENTRIES: usize = 50;

/// Its media type.
pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

/// Answers with the feed. It is made for each visitor, because it says how they reach the site.
pub async fn answer(context: RequestContext, Extension(client): Extension<Client>) -> Response {
    match feed(&context, &client).await {
        Ok(reply) => context.respond(reply),
        Err(problem) => context.refuse(&problem),
    }
}

async fn feed(context: &RequestContext, client: &Client) -> Result<Reply, PageError> {
    context.understood()?;
    let published = context.published()?;
    let locale = context.locale;
    let language = locale.language();
    let mut revisions = if let (true, Ok(warehouse)) = (!context.is_copied(), context.warehouse()) {
        let found = warehouse.revisions().await;
        found.map_err(PageError::from)?
    } else {
        // A copy has one revision, and no others can be read while the database is away.
        vec![published.revision.clone()]
    };
    revisions.sort_by_key(|revision| std::cmp::Reverse(revision.id));
    revisions.truncate(ENTRIES);
    // The file of a copy stands in the folder of its language.
    let copied = context.is_copied().then(|| context.canonical()).flatten();
    let (own, home, site) = if let Some(own) = &copied {
        let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
        let site = folder.rsplit_once('/').map_or("", |(site, _)| site);
        (own.clone(), format!("{site}/index.html"), site.to_owned())
    } else {
        let site = context.reached(client);
        let in_language = |path: &str| link::to(path, &[("lang", language.code())]);
        (
            format!("{site}{}", in_language(paths::FEED)),
            format!("{site}{}", in_language("/")),
            site,
        )
    };
    let title = match &published.only {
        Some(body) => locale.fill("feed.title_of", &[("body", &body.name)]),
        None => locale.text("feed.title").to_owned(),
    };
    let mut xml = Xml::begin();
    xml.open(
        "feed",
        &[
            ("xmlns", "http://www.w3.org/2005/Atom"),
            ("xml:lang", language.code()),
        ],
    );
    xml.text("id", &[], &format!("{site}{}", paths::FEED));
    xml.text("title", &[], &title);
    xml.text("subtitle", &[], locale.text("footer.promise"));
    let latest = revisions.first().unwrap_or(&published.revision);
    xml.text("updated", &[], &latest.published_at);
    xml.empty(
        "link",
        &[
            ("rel", "self"),
            ("type", "application/atom+xml"),
            ("href", &own),
        ],
    );
    xml.empty(
        "link",
        &[("rel", "alternate"), ("type", "text/html"), ("href", &home)],
    );
    xml.open("author", &[]);
    xml.text("name", &[], "Centime");
    xml.close("author");
    xml.text(
        "generator",
        &[("version", env!("CARGO_PKG_VERSION"))],
        "Centime",
    );
    for revision in &revisions {
        let id = revision.id.to_string();
        let page = if copied.is_some() {
            home.clone()
        } else {
            let named = [("revision", &*id), ("lang", language.code())];
            format!("{site}{}", link::to("/", &named))
        };
        xml.open("entry", &[]);
        xml.text("id", &[], &format!("{site}{}#revision-{id}", paths::FEED));
        let date = format::date_time(&revision.published_at, language);
        let values = [("id", &*id), ("date", &*date)];
        xml.text("title", &[], &locale.fill("home.published", &values));
        xml.text("published", &[], &revision.published_at);
        xml.text("updated", &[], &revision.published_at);
        xml.empty(
            "link",
            &[("rel", "alternate"), ("type", "text/html"), ("href", &page)],
        );
        xml.text("summary", &[], &summary(context, revision));
        xml.close("entry");
    }
    xml.close("feed");
    Ok(Reply::markup(MEDIA_TYPE, xml.end()))
}

fn summary(context: &RequestContext, revision: &Revision) -> String {
    let locale = context.locale;
    let text = locale.fill("feed.summary", &[("portal", &revision.portal)]);
    if revision.sample {
        format!("{} {text}", locale.text("sample.title"))
    } else {
        text
    }
}
