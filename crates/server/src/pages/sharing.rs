//! How others may use a page or a chart: a citation, a link, and a frame for a page of their own.

use centime_render::dashboard::{PATH, Query, REVISION};
use centime_render::link;
use centime_render::provenance::citation::Citation;

use crate::http::escape::escape;
use crate::request::context::RequestContext;
use crate::state::snapshot::Snapshot;

/// The widths and heights in which a frame is offered, each by the key of what it is called.
pub const SIZES: [(&str, u32, u32); 3] = [
    ("share.size_medium", 720, 560),
    ("share.size_small", 360, 520),
    ("share.size_large", 1080, 720),
];

/// A page or a chart as others may use it.
#[derive(Debug)]
pub struct ShareView {
    /// What the elements of the view are called after.
    pub name: String,
    /// What is shared, in words.
    pub title: String,
    /// Where it is: the whole address where the site knows how it is reached, else its path, which a script completes.
    pub link: String,
    /// A sentence that cites it.
    pub text: String,
    /// The same as an entry of BibTeX.
    pub bibtex: String,
    /// The frame, where it may be shown in one.
    pub frame: Option<FrameView>,
    /// Whether it is a chart, of which is said why there is no frame.
    pub is_chart: bool,
}

/// A frame for pages of others.
#[derive(Debug)]
pub struct FrameView {
    /// Where the chart stands alone, on this site.
    pub page: String,
    /// The same as others have to ask for it.
    pub address: String,
    /// What to write into a page, where that is known.
    pub snippet: Option<String>,
}

impl RequestContext {
    /// Whether pages of others may show charts of the site in a frame. Which headers a copy is sent with is up to those
    /// who keep it.
    pub fn allows_frames(&self) -> bool {
        self.is_copied() || !self.site.guard().settings.frame_ancestors.is_empty()
    }

    /// An address of the site as others have to ask for it; a path where the site does not know how it is reached.
    fn whole(&self, address: &str) -> String {
        match self.public() {
            Some(public) => format!("{public}{address}"),
            None => self.base.place(address),
        }
    }

    /// The address of this page, by which it stays the same when another revision is published, and in this language.
    fn lasting(&self, snapshot: &Snapshot) -> String {
        let revision = snapshot.published.revision.id.to_string();
        let mut parameters: Vec<(&str, &str)> = self
            .parameters
            .iter()
            .filter(|(name, _)| name != REVISION)
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        parameters.push((REVISION, &revision));
        parameters.push(("lang", self.language().code()));
        self.whole(&link::to(&self.path, &parameters))
    }
}

impl ShareView {
    /// The page that is asked for.
    pub fn of_page(context: &RequestContext, snapshot: &Snapshot, title: &str) -> Self {
        let name = context.path.trim_matches('/').replace('/', "-");
        let name = if name.is_empty() { "home" } else { &name };
        Self::new(context, snapshot, name, title, "")
    }

    /// A chart of the page that is asked for, at this fragment.
    pub fn of_chart(
        context: &RequestContext,
        snapshot: &Snapshot,
        name: &str,
        title: &str,
        fragment: &str,
    ) -> Self {
        Self {
            is_chart: true,
            ..Self::new(context, snapshot, name, title, fragment)
        }
    }

    /// A chart of the dashboard, which may be shown in frames where the site allows any.
    pub fn of_panel(
        context: &RequestContext,
        snapshot: &Snapshot,
        query: &Query,
        name: &str,
        title: &str,
    ) -> Self {
        let fragment = format!("#{name}");
        let framed = || {
            let path = format!("/embed{PATH}/{name}");
            let language = [("lang", Some(context.language().code()))];
            let address = context.whole(&query.changed_at(&path, &language));
            let (_, width, height) = SIZES[0];
            let snippet = format!(
                "<iframe src=\"{}\" title=\"{}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" style=\"border:0;max-width:100%\"></iframe>",
                escape(&address),
                escape(title),
            );
            FrameView {
                page: query.at(&path),
                address,
                // In a copy it is another file, which is named where it will be.
                snippet: (!context.is_copied()).then_some(snippet),
            }
        };
        Self {
            frame: context.allows_frames().then(framed),
            ..Self::of_chart(context, snapshot, name, title, &fragment)
        }
    }

    fn new(
        context: &RequestContext,
        snapshot: &Snapshot,
        name: &str,
        title: &str,
        fragment: &str,
    ) -> Self {
        let locale = context.locale;
        let address = if context.is_copied() {
            // What a copy shows is of one revision, which only its address names.
            context.canonical()
        } else {
            Some(context.lasting(snapshot))
        };
        let address = address.map(|address| format!("{address}{fragment}"));
        let citation = Citation {
            name,
            title,
            body: &snapshot.body.name,
            siren: &snapshot.body.siren,
            revision: &snapshot.published.revision,
            datasets: &snapshot.published.datasets,
            address: address.as_deref(),
        };
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            text: citation.text(locale),
            bibtex: citation.bibtex(locale),
            link: address.unwrap_or_else(|| fragment.to_owned()),
            frame: None,
            is_chart: false,
        }
    }
}
