//! What a few words lead to: years, lines of the statement, analyses and public bodies.

use std::sync::Arc;

use askama::Template;
use centime_accounts::LineAddress;
use centime_accounts::nomenclature::NATURE;
use centime_analytics::search::{FoundLine, Question};
use centime_analytics::statement::{Row, RowKind, Statement};
use centime_analytics::years::{self, YearFigures};
use centime_analytics::{Analysis, Catalogue, Language};
use centime_render::language::format;
use centime_render::language::label::{apart, sentence_case};
use centime_render::{Locale, link};
use centime_warehouse::{Body, Named};

use crate::http::escape::escape;
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section, number, short_label, typographic};
use crate::pages::{year, year_view};
use crate::request::context::RequestContext;
use crate::request::lines_query::text;
use crate::request::page_error::{PageError, Way};
use crate::request::{paths, statement_address};
use crate::state::resolved_view::Choice;
use crate::state::snapshot::Snapshot;

/// How many lines of the statement are shown.
const LINES: usize = 16;

/// How many lines that the body does not have are named.
const ABSENT_LINES: usize = 6;

/// How many public bodies are shown.
const BODIES: i64 = 10;

/// What is offered where nothing is looked for, as keys.
const EXAMPLES: [&str; 6] = [
    "search.example_1",
    "search.example_2",
    "search.example_3",
    "search.example_4",
    "search.example_5",
    "search.example_6",
];

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    frame: Frame<'a>,
    title: String,
    /// How much was found, in a sentence.
    said: String,
    years: Vec<Hit>,
    lines: Vec<LineHit>,
    /// Whether the lines have some of the words only.
    partly: bool,
    notes: Vec<String>,
    /// How many lines are found and not shown, and where all are.
    more_lines: Option<Way>,
    /// Lines of official models that the body does not have.
    absent: Vec<String>,
    analyses: Vec<Hit>,
    bodies: Vec<Hit>,
    more_bodies: Option<Way>,
    /// Ways on where nothing was found, or nothing was looked for.
    ways: Vec<Way>,
}

/// Something that was found. Its name is HTML in which the words are marked.
struct Hit {
    link: String,
    name: String,
    detail: String,
}

struct LineHit {
    link: String,
    name: String,
    gloss: String,
    detail: String,
    figure: Option<String>,
}

/// Answers with what the words lead to. It is made for each reader anew.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let published = context.published()?;
    let words = text(&context)?;
    let locale = context.locale;
    let question = Question::of(words);
    let snapshot = match &context.choice {
        Choice::Body(_) => Some(context.snapshot()?),
        Choice::NoneSelected => None,
        _ => return Err(context.snapshot().err().unwrap_or(PageError::NotFound)),
    };
    let marked = |text: &str| marked(&question, text);
    let years = snapshot.map_or_else(Vec::new, |snapshot| {
        found_years(snapshot, &question, locale)
    });
    let found = question.lines();
    let (mut lines, absent) = if let Some(snapshot) = snapshot {
        let statement = context.statement(snapshot).await?;
        let own = Own {
            snapshot,
            statement: &statement,
            question: &question,
            locale,
        };
        own.lines(&found.lines)
    } else {
        // Few bodies have a statement by nature, and no body was named.
        let official = found.lines.iter();
        let official = official.filter(|found| found.nomenclature.code != NATURE);
        let hits = official.map(|found| of_model(&context, found, &question));
        (hits.collect(), Vec::new())
    };
    let lines_found = lines.len();
    lines.truncate(LINES);
    let catalogue = published.catalogue;
    let analyses = match snapshot {
        Some(_) => found_analyses(&context, &catalogue, &question),
        None => Vec::new(),
    };
    let (bodies, matching) = found_bodies(&context, words, &question).await?;
    let bodies: Vec<Hit> = bodies
        .iter()
        .map(|body| Hit {
            link: link_to_body(&context, body),
            name: marked(&body.name),
            detail: format!(
                "{} · {}",
                body.siren,
                locale.years(body.first_year, body.last_year)
            ),
        })
        .collect();
    let count = years.len() + lines_found + analyses.len();
    let count = number(count).saturating_add(matching);
    let nothing = count == 0;
    let page = SearchPage {
        title: if words.is_empty() {
            locale.text("search.title").to_owned()
        } else {
            locale.fill("search.title_of", &[("words", words)])
        },
        frame: Frame::new(&context, locale.text("search.title"), Section::None),

        said: if words.is_empty() {
            locale.text("search.empty").to_owned()
        } else if nothing {
            locale.text("search.none").to_owned()
        } else {
            locale.count("search.found", count)
        },
        years,
        partly: found.partly,
        notes: if lines.is_empty() {
            Vec::new()
        } else {
            let notes = question.notes(locale.language()).into_iter();
            notes.map(|note| typographic(note, locale)).collect()
        },
        more_lines: (lines_found > LINES && snapshot.is_some()).then(|| {
            let more = locale.count("search.more_lines", number(lines_found - LINES));
            Way::new(&more, context.link("/lines", &[("q", words)]))
        }),
        lines,
        absent,
        analyses,
        more_bodies: (matching > BODIES).then(|| {
            let all = locale.count("search.more_bodies", matching);
            Way::new(&all, link::to("/", &[("q", words)]))
        }),
        bodies,
        ways: if nothing || words.is_empty() {
            ways(&context)
        } else {
            Vec::new()
        },
    };
    page.frame.around(&page)
}

/// The analyses that the words mean, the closest first.
fn found_analyses(
    context: &RequestContext,
    catalogue: &Catalogue,
    question: &Question,
) -> Vec<Hit> {
    let locale = context.locale;
    let language = locale.language();
    let hit = |analysis: &Analysis| {
        let said = analysis.text(language);
        Hit {
            link: context.link(&format!("/analyses/{}", analysis.name()), &[]),
            name: marked(question, &typographic(&said.title, locale)),
            detail: typographic(&said.summary, locale),
        }
    };
    let found = question.analyses(catalogue, language).into_iter();
    found.map(hit).collect()
}

/// A text as HTML in which the words that are looked for are marked.
fn marked(question: &Question, text: &str) -> String {
    let pieces = question.marked(text).into_iter();
    pieces
        .map(|(is_wanted, piece)| {
            let piece = escape(piece);
            if is_wanted {
                format!("<mark>{piece}</mark>")
            } else {
                piece
            }
        })
        .collect()
}

/// Where to go on.
fn ways(context: &RequestContext) -> Vec<Way> {
    let locale = context.locale;
    let examples = EXAMPLES.map(|key| {
        let word = locale.text(key);
        Way::new(word, context.link(paths::SEARCH, &[("q", word)]))
    });
    let mut ways = examples.to_vec();
    match context.choice {
        Choice::Body(_) => {
            ways.push(Way::new(
                locale.text("statement.title"),
                context.link(paths::STATEMENT, &[]),
            ));
            ways.push(Way::new(
                locale.text("lines.title"),
                context.link("/lines", &[]),
            ));
        }
        _ => ways.push(Way::new(
            locale.text("bodies.others"),
            context.link("/", &[]),
        )),
    }
    ways
}

/// The years that are named, as far as the body has them.
fn found_years(snapshot: &Snapshot, question: &Question, locale: &Locale) -> Vec<Hit> {
    let known = year::of_body(snapshot);
    let hit = |figures: &YearFigures| Hit {
        link: year_view::address(snapshot, figures.fiscal_year),
        name: marked(
            question,
            &locale.fill("year.title", &[("year", &figures.fiscal_year.to_string())]),
        ),
        detail: year_view::lead(figures, locale).replace("**", ""),
    };
    let found = question.years.iter();
    found
        .filter_map(|year| years::find(&known, *year).map(hit))
        .collect()
}

/// A line of an official model, where no body is looked at: its page asks which.
fn of_model(context: &RequestContext, found: &FoundLine, question: &Question) -> LineHit {
    let address = LineAddress::of_model(&found.nomenclature.code, &found.line.code);
    LineHit {
        link: context.link(&statement_address::path_of(&address), &[]),
        name: marked(
            question,
            &short_label(&apart(&found.line.label), context.locale),
        ),
        gloss: gloss(&found.line.gloss, question, context.locale),
        detail: place(found, context.locale),
        figure: None,
    }
}

/// The English gloss of a label, for those who read English.
fn gloss(gloss: &str, question: &Question, locale: &Locale) -> String {
    if locale.language() == Language::English {
        marked(question, &apart(gloss))
    } else {
        String::new()
    }
}

/// The nomenclature of a line, its side and its block.
fn place(found: &FoundLine, locale: &Locale) -> String {
    let side = locale.term("side", found.block.side.name());
    let block = sentence_case(&found.block.label);
    format!("{} · {side} · {block}", found.nomenclature.code)
}

/// The lines of a body.
struct Own<'a> {
    snapshot: &'a Snapshot,
    statement: &'a Statement,
    question: &'a Question,
    locale: &'static Locale,
}

impl Own<'_> {
    /// Those lines of the official models that the body has, and those that it has and no model, and the names of
    /// those that it does not have.
    fn lines(&self, found: &[FoundLine]) -> (Vec<LineHit>, Vec<String>) {
        let mut hits = Vec::new();
        let mut absent = Vec::new();
        for line in found {
            let address = LineAddress::of_model(&line.nomenclature.code, &line.line.code);
            let row = self.statement.row(&address).map(|(_, row)| row);
            if row.is_some_and(Row::is_there) {
                let name = marked(
                    self.question,
                    &short_label(&apart(&line.line.label), self.locale),
                );
                let gloss = gloss(&line.line.gloss, self.question, self.locale);
                hits.push(self.hit(&address, name, gloss, &place(line, self.locale)));
            } else if absent.len() < ABSENT_LINES && self.uses(line.nomenclature.code.as_str()) {
                let label = short_label(&apart(&line.line.label), self.locale);
                absent.push(format!("{label} ({})", line.nomenclature.code));
            }
        }
        for stretch in &self.statement.stretches {
            let others = stretch.rows.iter().filter(|row| {
                !row.recognised && row.kind != RowKind::Block && self.question.fits(&row.label)
            });
            hits.extend(others.map(|row| {
                let name = marked(self.question, &short_label(&row.label, self.locale));
                let detail = self.locale.term("role", "unknown");
                self.hit(&row.address, name, String::new(), detail)
            }));
        }
        (hits, absent)
    }

    /// Whether the body has a statement of this nomenclature.
    fn uses(&self, nomenclature: &str) -> bool {
        let mut stretches = self.statement.stretches.iter();
        stretches.any(|stretch| stretch.code() == Some(nomenclature))
    }

    fn hit(&self, address: &LineAddress, name: String, gloss: String, detail: &str) -> LineHit {
        let locale = self.locale;
        let figures = self.statement.rows(address).flat_map(|(stretch, row)| {
            let years = stretch.years.iter().map(|year| year.fiscal_year);
            years.zip(&row.figures)
        });
        let there: Vec<_> = figures
            .filter(|(_, figure)| figure.amount.is_some() || !figure.records.is_empty())
            .collect();
        let period = there
            .iter()
            .map(|(year, _)| *year)
            .min()
            .zip(there.iter().map(|(year, _)| *year).max())
            .map_or_else(String::new, |(first, last)| {
                format!(" · {}", locale.years(first, last))
            });
        let latest = there
            .iter()
            .filter_map(|(year, figure)| Some((*year, figure.amount?)))
            .max_by_key(|(year, _)| *year);
        LineHit {
            link: statement_address::line(self.snapshot, address),
            name,
            gloss,
            detail: format!("{detail}{period}"),
            figure: latest.map(|(year, amount)| {
                let amount = format::euros(amount, locale.language());
                locale.fill(
                    "search.latest",
                    &[("amount", &amount), ("year", &year.to_string())],
                )
            }),
        }
    }
}

/// The public bodies that are meant, and how many there are of them.
async fn found_bodies(
    context: &RequestContext,
    words: &str,
    question: &Question,
) -> Result<(Vec<Body>, i64), PageError> {
    if question.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let published = context.published()?;
    if let Some(only) = &published.only {
        let is_it = only.answers_to(words) || question.fits(&only.name);
        let found: Vec<Body> = is_it.then(|| only.clone()).into_iter().collect();
        let count = number(found.len());
        return Ok((found, count));
    }
    // What is in memory can be looked through without the database; bodies cannot.
    let Ok(warehouse) = context.warehouse() else {
        return Ok((Vec::new(), 0));
    };
    let revision = published.revision.id;
    if question.identifier.is_some() {
        let found = match warehouse.named_body(revision, words).await? {
            Named::One(body) => vec![body],
            Named::Several(bodies) => bodies,
            Named::None => Vec::new(),
        };
        let count = number(found.len());
        return Ok((found, count));
    }
    let found = warehouse.bodies(revision, words, 0, BODIES).await?;
    Ok((found.bodies, found.matching))
}

fn link_to_body(context: &RequestContext, body: &Body) -> String {
    let several = context
        .published()
        .is_ok_and(|published| published.only.is_none());
    let revision = context.older().map(|shown| shown.revision.id.to_string());
    let revision = revision.as_deref().map(|id| ("revision", id));
    let body = several.then_some(("body", body.siren.as_str()));
    let parameters: Vec<(&str, &str)> = body.into_iter().chain(revision).collect();
    link::to("/", &parameters)
}
