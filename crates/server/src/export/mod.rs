//! The public site as files, for any web host.
//!
//! The files are the answers of the site's own router, so they cannot differ from its pages. Everything
//! that a public site lets everyone read is taken, starting from the home page in each language, and
//! following links. What a file cannot do is left out: forms, scripts, choosing a view, logging in.
//!
//! | module | knows |
//! |---|---|
//! | `place` | which addresses are taken, and the file of each |
//! | `folder` | that a folder is there whole or not at all |

mod folder;
mod place;

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use axum::http::{Request, StatusCode};
use centime_analytics::Language;
use centime_render::dashboard;
use tower::ServiceExt;

use crate::access::Declared;
use crate::http::base::Base;
use crate::http::rewrite::{self, Address, Rule};
use crate::pages::sitemap;
use crate::state::report_service::ViewAt;
use crate::state::response_cache::Copied;
use crate::state::site::Site;

pub use folder::exchanged;

use folder::Folder;
use place::{Place, Taken};

/// Why there is no copy of the site.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder is there, and is something else.
    #[error(
        "{0} is there and is no copy of a site: name a new folder, an empty one or one that `centime export` made"
    )]
    Taken(String),
    /// The folder is not there and cannot be made, or nothing can be made in it.
    #[error(
        "{folder} cannot be written to ({error}): give this user the right to, or name another folder"
    )]
    Unwritable {
        /// The folder.
        folder: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file could not be written.
    #[error("{file} could not be written ({error}): what was in the folder before is still there")]
    Write {
        /// The file.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// The site did not answer.
    #[error("the site answers {status} at {address}, so there is no copy of it")]
    Unanswered {
        /// The status.
        status: u16,
        /// The address.
        address: String,
    },
}

/// What to write.
#[derive(Clone, Debug, Default)]
pub struct Scope<'a> {
    /// The public body, where not all of them are wanted.
    pub body: Option<&'a str>,
    /// Where the copy will be, as in `https://example.fr/comptes`, for reports to say.
    pub address: Option<&'a str>,
}

/// What was written.
#[derive(Debug)]
pub struct Exported {
    /// The number of files.
    pub files: usize,
    /// The pages and files that the site could not make. The copy has neither them nor links to them.
    pub left_out: Vec<LeftOut>,
}

/// Something that the site could not make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its address on the site.
    pub address: String,
    /// The status that it answers with there.
    pub status: u16,
}

impl Site {
    /// Writes all that a public site lets everyone read into a folder, which then has the new copy or
    /// still what it had. `progress` is called with the number of files so far.
    ///
    /// A page or file that cannot be made is left out. Without the home page, or when the site cannot answer at
    /// all, there is no copy.
    pub async fn export(
        &self,
        into: &Path,
        scope: &Scope<'_>,
        progress: impl Fn(usize) + Send,
    ) -> Result<Exported, ExportError> {
        let mut left_out: Vec<(String, LeftOut)> = Vec::new();
        // What could not be made is only known after pages that lead to it were written, so they are written
        // again without. Each time more is left out, so this ends.
        loop {
            let folder = Folder::begin(into)?;
            let before = left_out.len();
            let files = self
                .write_copy(&folder, scope, &mut left_out, &progress)
                .await?;
            if left_out.len() == before {
                folder.finish()?;
                let left_out = left_out.into_iter().map(|(_, left_out)| left_out);
                return Ok(Exported {
                    files,
                    left_out: left_out.collect(),
                });
            }
        }
    }

    /// Writes a copy, and adds what could not be made to what is left out of the next: its file, and what it is.
    async fn write_copy(
        &self,
        folder: &Folder,
        scope: &Scope<'_>,
        left_out: &mut Vec<(String, LeftOut)>,
        progress: &(impl Fn(usize) + Send),
    ) -> Result<usize, ExportError> {
        let copy = Copy {
            router: self.router(),
            declared: self.declared().into(),
            scope,
            without: left_out.iter().map(|(file, _)| file.clone()).collect(),
        };
        let mut files = 0;
        let mut waiting: VecDeque<Place> = Language::ALL
            .into_iter()
            .map(|language| Place::home(language, scope.body))
            .collect();
        let mut known: BTreeSet<String> = waiting.iter().map(Place::file).collect();
        let homes = known.clone();
        while let Some(place) = waiting.pop_front() {
            let file = place.file();
            let bytes = copy.asked(&place, |found| {
                if known.insert(found.file()) {
                    waiting.push_back(found);
                }
            });
            let bytes = match bytes.await {
                Err(ExportError::Unanswered { status, address })
                    if !homes.contains(&file) && self.is_ready().await =>
                {
                    tracing::warn!(status, address, "left out of the copy");
                    left_out.push((file, LeftOut { address, status }));
                    continue;
                }
                bytes => bytes?,
            };
            folder.write(&file, bytes).await?;
            files += 1;
            progress(files);
        }
        folder
            .write("index.html", entrance(scope.body).into_bytes())
            .await?;
        files += 1;
        for (name, contents) in for_robots(scope, &known, left_out) {
            folder.write(name, contents).await?;
            files += 1;
        }
        Ok(files)
    }

    /// Whether the site can answer at all.
    async fn is_ready(&self) -> bool {
        let request = Request::builder().uri("/readyz").body(Body::empty());
        let Ok(request) = request else { return false };
        let Ok(response) = self.router().oneshot(request).await;
        response.status() == StatusCode::OK
    }
}

/// What search engines ask a site for, where it is known what its address will be: its pages and, where it has the host
/// for itself, what they may look at.
fn for_robots(
    scope: &Scope<'_>,
    known: &BTreeSet<String>,
    left_out: &[(String, LeftOut)],
) -> Vec<(&'static str, Vec<u8>)> {
    let Some(address) = scope.address else {
        return Vec::new();
    };
    let site = address.trim_end_matches('/');
    let is_there = |file: &&String| !left_out.iter().any(|(without, _)| without == *file);
    let is_page = |file: &&String| Path::new(file).extension().is_some_and(|end| end == "html");
    let pages = known.iter().filter(is_page);
    let pages = pages.filter(is_there).map(|file| format!("{site}/{file}"));
    let mut files = vec![("sitemap.xml", sitemap::of_copy(pages))];
    if Base::of_address(site).is_empty() {
        let text = format!("User-agent: *\nAllow: /\n\nSitemap: {site}/sitemap.xml\n");
        files.push(("robots.txt", text.into_bytes()));
    }
    files
}

/// The page at the root of the copy, which leads to the languages.
fn entrance(body: Option<&str>) -> String {
    let homes = Language::ALL.map(|language| (language, Place::home(language, body).file()));
    let links: Vec<String> = homes
        .iter()
        .map(|(language, home)| {
            let name = match language {
                Language::French => "Français",
                Language::English => "English",
            };
            format!("<p><a href=\"{home}\" lang=\"{language}\">{name}</a></p>")
        })
        .collect();
    let [(_, first), _] = &homes;
    format!(
        "<!doctype html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Centime</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={first}\"></head>\n<body>{}</body></html>\n",
        links.concat()
    )
}

/// The links of a page: each is what is said of it, or none.
struct Linked<F>(F);

impl<F: FnMut(&str) -> Option<String>> Rule for Linked<F> {
    fn address(&mut self, address: &str) -> Address {
        (self.0)(address).map_or(Address::Gone, Address::Now)
    }
}

struct Copy<'a> {
    /// The addresses of the site, gathered once for all files.
    router: Router,
    declared: Arc<[Declared]>,
    scope: &'a Scope<'a>,
    /// The files that cannot be made.
    without: BTreeSet<String>,
}

impl Copy<'_> {
    /// The file of a place, its links made relative; `found` is called with what they lead to.
    async fn asked(
        &self,
        place: &Place,
        mut found: impl FnMut(Place),
    ) -> Result<Vec<u8>, ExportError> {
        let (kind, bytes) = self.answer(place).await?;
        let mut link =
            |address: &str| match place::taken(address, place, &self.declared, self.scope.body) {
                Taken::Elsewhere => Some(address.to_owned()),
                Taken::No => None,
                Taken::Yes { place: to, .. } if self.without.contains(&to.file()) => None,
                Taken::Yes {
                    place: to,
                    fragment,
                } => {
                    let link = format!("{}{fragment}", place.link_to(&to));
                    found(to);
                    Some(link)
                }
            };
        Ok(if kind.starts_with("text/html") {
            let html = rewrite::without_programs(&String::from_utf8_lossy(&bytes));
            rewrite::page(&html, &mut Linked(link)).into_bytes()
        } else if kind.starts_with("text/css") {
            // What a style sheet names stands beside it.
            let mut beside = |address: &str| link(&place.beside(address));
            rewrite::style(&String::from_utf8_lossy(&bytes), &mut beside).into_bytes()
        } else {
            bytes
        })
    }

    async fn answer(&self, place: &Place) -> Result<(String, Vec<u8>), ExportError> {
        let address = place.address();
        let view = self.scope.address.map(|site| {
            // The report of the whole statement leads to the whole dashboard of the copy.
            let dashboard = Place::of(dashboard::PATH, place.language, place.body());
            ViewAt(format!(
                "{}/{}",
                site.trim_end_matches('/'),
                dashboard.file()
            ))
        });
        let request = Request::builder()
            .uri(&address)
            .header(COOKIE, format!("lang={}", place.language));
        let request = request.extension(Copied {
            address: self
                .scope
                .address
                .map(|site| format!("{}/{}", site.trim_end_matches('/'), place.file())),
        });
        let request = match view {
            Some(view) => request.extension(view),
            None => request,
        };
        let unanswered = |status: StatusCode| ExportError::Unanswered {
            status: status.as_u16(),
            address: address.clone(),
        };
        let request = request
            .body(Body::empty())
            .map_err(|_| unanswered(StatusCode::BAD_REQUEST))?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status();
        if status != StatusCode::OK {
            tracing::debug!(location = ?response.headers().get(LOCATION), "not exported");
            return Err(unanswered(status));
        }
        let kind = response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.to_owned();
        let bytes = to_bytes(response.into_body(), usize::MAX).await;
        let bytes = bytes.map_err(|_| unanswered(StatusCode::INTERNAL_SERVER_ERROR))?;
        Ok((kind, bytes.to_vec()))
    }
}
