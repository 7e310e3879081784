//! A line of the income statement over its years: what it came to, what it holds, and the records behind it.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use centime_accounts::address::Modelled;
use centime_accounts::nomenclature::{Line as ModelLine, NATURE, NOMENCLATURES, Nomenclature};
use centime_accounts::{FiscalYear, LineAddress};
use centime_analytics::statement::{Figure, Row, RowKind, Statement, Stretch, address_of};
use centime_render::Locale;
use centime_render::language::format;
use centime_render::language::label::{apart, sentence_case, short_label};
use centime_render::statement::{Unit, signed, sparkline::sparkline};
use centime_warehouse::doubt::within;
use centime_warehouse::lines::Line;

use crate::http::reply::Reply;
use crate::pages::line_accounts::{AccountsOfLine, accounts_of};
use crate::pages::statement::{CellView, breaks, cell, gloss, label};
use crate::pages::view::{Frame, Section, key_amount, plain_amount};
use crate::request::absent::{absent, absent_line};
use crate::request::context::RequestContext;
use crate::request::lines_query::number;
use crate::request::page_error::PageError;
use crate::request::statement_address::{self, YEAR};
use crate::state::snapshot::Snapshot;

#[derive(Template)]
#[template(path = "statement_line.html")]
struct StatementLinePage<'a> {
    frame: Frame<'a>,
    statement_link: String,
    label: String,
    gloss: &'static str,
    lead: String,
    stretches: Vec<Years>,
    /// What is known of it: a word and what stands beside it.
    facts: Vec<Fact>,
    counterpart: Counterpart,
    /// Those of the year that is looked at; in a copy, which has no page for each, those of all years.
    records: Vec<Records>,
}

/// The years of a line under one nomenclature.
struct Years {
    id: String,
    caption: String,
    rows: Vec<YearRow>,
    sparkline: String,
}

struct YearRow {
    year: FiscalYear,
    cell: CellView,
    share: Option<String>,
    change: Option<String>,
    rate: Option<String>,
    /// How the amount is known.
    known: &'static str,
    /// What was printed, where it is something else.
    printed: Option<String>,
    breaks: Option<String>,
}

/// Something that is known of the line, with links where they lead on.
struct Fact {
    name: &'static str,
    values: Vec<(String, Option<String>)>,
}

/// What the line is called in the other nomenclatures, and whether they may be compared.
struct Counterpart {
    text: String,
    lines: Vec<(String, String, Option<String>)>,
    successor: Option<&'static str>,
}

/// The records that a figure is made of.
struct Records {
    id: String,
    heading: String,
    /// The years to choose from.
    years: Vec<(FiscalYear, String, bool)>,
    rows: Vec<RecordRow>,
    /// What is said where they add up to no amount.
    text: Option<String>,
    sum: String,
    accounts: Option<AccountsOfLine>,
}

struct RecordRow {
    link: String,
    number: String,
    label: String,
    amount: String,
}

/// Answers with the page of a line.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let asked = context.rest_of_path(&format!("{}/", crate::request::paths::STATEMENT));
    let address: LineAddress = asked.parse().map_err(|_| PageError::NotFound)?;
    if address.as_str() != asked {
        return Ok(Reply::elsewhere(own_address(&context, snapshot, &address)));
    }
    let lines = context.lines(snapshot).await?;
    let statement = context.statement(snapshot).await?;
    let found: Vec<(&Stretch, &Row)> = statement.rows(&address).collect();
    let Some((latest, row)) = found.first().copied() else {
        // The label may have been learned since the address was kept.
        let learned = lines.iter().find(|line| is_named_by(line, &address));
        return match learned {
            Some(line) => {
                let own = address_of(line);
                Ok(Reply::elsewhere(own_address(&context, snapshot, &own)))
            }
            None => Err(absent_line(&context, snapshot, &address).await),
        };
    };
    let wanted = number(&context, YEAR, 1..=9999, "lines.allowed_year")?;
    let with_row: Vec<FiscalYear> = found
        .iter()
        .flat_map(|(stretch, row)| stretch.years.iter().zip(&row.figures))
        .filter(|(_, figure)| figure.is_there())
        .map(|(year, _)| year.fiscal_year)
        .collect();
    let newest = with_row.first().copied();
    let shown = match wanted {
        None => newest,
        Some(wanted) => {
            let is_wanted = |year: &FiscalYear| i64::from(*year) == wanted;
            let Some(year) = with_row.iter().copied().find(is_wanted) else {
                return Err(absent(&context, snapshot, YEAR, &wanted.to_string(), &[]).await);
            };
            Some(year)
        }
    };
    let of_year = |year: FiscalYear| {
        found.iter().find_map(|(stretch, row)| {
            let mut years = stretch.years.iter();
            let place = years.position(|known| known.fiscal_year == year)?;
            Some((*stretch, *row, &row.figures[place]))
        })
    };
    let (stretch, row_of_year) = shown
        .and_then(of_year)
        .map_or((latest, row), |(stretch, row, _)| (stretch, row));
    let years_of_records = if context.is_copied() {
        with_row.clone()
    } else {
        shown.into_iter().collect()
    };
    let books = context.books_at_hand(snapshot).await?;
    let by_record: HashMap<i64, &Line> = lines.iter().map(|line| (line.record, line)).collect();
    let records = years_of_records.into_iter().filter_map(|year| {
        let (_, row, figure) = of_year(year)?;
        let years = years_to_choose(&context, &row.address, year, &with_row);
        Some(Records {
            accounts: books.and_then(|books| accounts_of(snapshot, books, row, year, locale)),
            ..records(snapshot, figure, year, years, &by_record, locale)
        })
    });
    let records: Vec<Records> = records.collect();
    // Its page shows the line without the one that it is a part of; the published label is among the facts.
    let title = apart(&label(row, locale));
    let years_shown = |year: FiscalYear| with_row.contains(&year);
    let page = StatementLinePage {
        frame: Frame::new(
            &context,
            &locale.fill(
                "statement.line_title",
                &[("label", &title), ("body", &snapshot.body.name)],
            ),
            Section::Statement,
        )
        .doubting(within(&snapshot.doubts, years_shown)),
        statement_link: statement_address::statement(snapshot),
        gloss: gloss(row, locale.language()),
        lead: lead(&found, newest, locale),
        stretches: found
            .iter()
            .enumerate()
            .map(|(place, (stretch, row))| years(snapshot, stretch, row, place, locale))
            .collect(),
        facts: facts(snapshot, stretch, row_of_year, locale),
        counterpart: counterpart(snapshot, &statement, row, lines, locale),
        records,
        label: title,
    };
    page.frame.around(&page)
}

/// Whether an address names a line by what was published of it, though the model has the line.
fn is_named_by(line: &Line, address: &LineAddress) -> bool {
    let unrecognised = Line {
        code: None,
        ..line.clone()
    };
    line.code.is_some() && address_of(&unrecognised) == *address
}

/// The address of the page of a line with all that this one was asked with.
fn own_address(context: &RequestContext, snapshot: &Snapshot, line: &LineAddress) -> String {
    let kept = |(name, value): &'_ (String, String)| {
        let of_link = ["body", centime_render::dashboard::REVISION];
        (!of_link.contains(&name.as_str())).then(|| (name.clone(), value.clone()))
    };
    let parameters: Vec<(String, String)> = context.parameters.iter().filter_map(kept).collect();
    let parameters: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    snapshot.link(&statement_address::path_of(line), &parameters)
}

/// The latest figure in a sentence.
fn lead(found: &[(&Stretch, &Row)], newest: Option<FiscalYear>, locale: &'static Locale) -> String {
    let language = locale.language();
    let of_newest = found.iter().find_map(|(stretch, row)| {
        let mut years = stretch.years.iter();
        let place = years.position(|year| Some(year.fiscal_year) == newest)?;
        Some(&row.figures[place])
    });
    let (Some(figure), Some(year)) = (of_newest, newest) else {
        return String::new();
    };
    let mut parts = vec![
        locale.fill("line.year", &[("year", &year.to_string())]),
        key_amount(figure.amount, locale),
    ];
    parts.extend(figure.share.map(|share| {
        locale.fill(
            "statement.of_revenue",
            &[("share", &format::rate(share, language))],
        )
    }));
    parts.extend(figure.change_rate.map(|rate| {
        let written = signed(rate.get(), format::rate(rate, language));
        locale.fill("statement.on_year_before", &[("change", &written)])
    }));
    parts.join(" · ")
}

fn years(
    snapshot: &Snapshot,
    stretch: &Stretch,
    row: &Row,
    place: usize,
    locale: &'static Locale,
) -> Years {
    let language = locale.language();
    let model = stretch
        .code()
        .unwrap_or_else(|| locale.text("statement.no_model"));
    let rows = stretch.years.iter().zip(&row.figures);
    let rows = rows
        .filter(|(_, figure)| figure.is_there())
        .map(|(year, figure)| {
            let cell = cell(
                snapshot,
                row,
                figure,
                year.fiscal_year,
                false,
                Unit::Euros,
                locale,
            );
            let printed = figure
                .published
                .filter(|printed| Some(*printed) != figure.amount);
            YearRow {
                year: year.fiscal_year,
                cell,
                share: figure.share.map(|share| format::rate(share, language)),
                change: Unit::Change.written(figure, language),
                rate: figure
                    .change_rate
                    .map(|rate| signed(rate.get(), format::rate(rate, language))),
                known: locale.term("statement.known", figure.known.name()),
                printed: printed.map(|printed| {
                    let printed = format::euros(printed, language);
                    locale.fill("statement.printed", &[("amount", &printed)])
                }),
                breaks: breaks(&year.breaks, model, locale),
            }
        });
    Years {
        id: format!("years-{place}"),
        caption: locale.fill("statement.line_caption", &[("model", model)]),
        rows: rows.collect(),
        sparkline: sparkline(row, stretch, locale),
    }
}

/// What the line is and holds.
fn facts(snapshot: &Snapshot, stretch: &Stretch, row: &Row, locale: &'static Locale) -> Vec<Fact> {
    let fact = |key: &'static str, values: Vec<(String, Option<String>)>| Fact {
        name: locale.text(key),
        values,
    };
    let plain = |text: String| vec![(text, None)];
    let linked = |row: &Row| {
        let link = statement_address::line(snapshot, &row.address);
        (label(row, locale), Some(link))
    };
    let mut facts = Vec::new();
    let nomenclature = stretch.nomenclature;
    facts.push(fact(
        "line.nomenclature",
        plain(nomenclature.map_or_else(
            || locale.text("line.no_nomenclature").to_owned(),
            |known| format!("{}, {}", known.code, known.title),
        )),
    ));
    let side = row.side.map(|side| locale.term("side", side.name()));
    let activity = row
        .activity
        .map(|activity| locale.term("activity", activity.name()));
    let place: Vec<&str> = side.into_iter().chain(activity).collect();
    if !place.is_empty() {
        facts.push(fact("line.place", plain(place.join(" · "))));
    }
    facts.push(fact(
        "line.role",
        plain(locale.term("statement.kind", row.kind.name()).to_owned()),
    ));
    let named = |address: &Option<LineAddress>| {
        let address = address
            .as_ref()
            .filter(|address| **address != row.address)?;
        stretch.row(address).map(linked)
    };
    facts.extend(named(&row.block).map(|block| fact("line.category", vec![block])));
    facts.extend(named(&row.parent).map(|parent| fact("line.parent", vec![parent])));
    let below = stretch.rows.iter().filter(|other| match row.kind {
        RowKind::Block | RowKind::Total => {
            other.block == row.block && other.level == 1 && other.address != row.address
        }
        _ => other.parent.as_ref() == Some(&row.address),
    });
    let below: Vec<(String, Option<String>)> = below.map(linked).collect();
    if !below.is_empty() {
        facts.push(fact("statement.holds", below));
    }
    match row.modelled() {
        Some(Modelled::Line(nomenclature, _, line)) => {
            let accounts = [
                ("statement.accounts", line.accounts.to_string()),
                (
                    "statement.accounts_excluded",
                    line.accounts_excluded.to_string(),
                ),
                (
                    "statement.accounts_subtracted",
                    line.accounts_subtracted.to_string(),
                ),
            ];
            let accounts = accounts.into_iter().filter(|(_, text)| !text.is_empty());
            facts.extend(accounts.map(|(key, text)| fact(key, plain(text))));
            facts.push(fact("statement.official", plain(line.label.clone())));
            facts.push(fact(
                "statement.model_source",
                plain(nomenclature.source.clone()),
            ));
        }
        Some(Modelled::Balance(nomenclature, balance)) => {
            let of_blocks = |codes: &[String]| -> Vec<(String, Option<String>)> {
                let blocks = codes.iter().filter_map(|code| nomenclature.block(code));
                blocks
                    .map(|block| (sentence_case(&block.label), None))
                    .collect()
            };
            facts.push(fact("statement.adds", of_blocks(&balance.plus)));
            if !balance.minus.is_empty() {
                facts.push(fact("statement.subtracts", of_blocks(&balance.minus)));
            }
            facts.push(fact("statement.official", plain(balance.label.clone())));
            facts.push(fact(
                "statement.model_source",
                plain(nomenclature.source.clone()),
            ));
        }
        Some(Modelled::Block(nomenclature, block)) => {
            facts.push(fact("statement.official", plain(block.label.clone())));
            facts.push(fact(
                "statement.model_source",
                plain(nomenclature.source.clone()),
            ));
        }
        None => {}
    }
    facts
}

/// The lines of the other nomenclatures that are brought together with this one.
fn counterpart(
    snapshot: &Snapshot,
    statement: &Statement,
    row: &Row,
    lines: &[Line],
    locale: &'static Locale,
) -> Counterpart {
    let none = |key: &'static str| Counterpart {
        text: locale.text(key).to_owned(),
        lines: Vec::new(),
        successor: None,
    };
    let (own, line) = match row.modelled() {
        Some(Modelled::Line(nomenclature, _, line)) => (nomenclature, line),
        Some(Modelled::Balance(_, balance)) if balance.code == "result" => {
            return none("statement.result_compared");
        }
        Some(_) => return none("statement.sums_not_compared"),
        None => return none("statement.unknown_not_compared"),
    };
    let successor = line
        .exceptional_successor
        .as_deref()
        .map(|how| locale.term("statement.successor", how));
    // Kinds of bodies may have a line in another category than the model says; the lines themselves have it.
    let of_body = lines.iter().find(|found| address_of(found) == row.address);
    let category = of_body
        .and_then(|found| found.harmonised.as_deref())
        .or(line.harmonised.as_deref());
    let Some(category) = category else {
        return Counterpart {
            successor,
            ..none("statement.revenue_not_compared")
        };
    };
    let of_category = |nomenclature: &'static Nomenclature| {
        let is_of = move |line: &&ModelLine| {
            let plain = line.parent.is_none()
                && !matches!(
                    line.role,
                    centime_accounts::Role::Total | centime_accounts::Role::Heading
                );
            plain && line.harmonised.as_deref() == Some(category)
        };
        let lines = nomenclature.lines().map(|(_, line)| line).filter(is_of);
        lines.map(move |line| (nomenclature, line))
    };
    let others = NOMENCLATURES
        .iter()
        // What is counted by nature follows no instruction, and nothing is brought together with it line by line.
        .filter(|other| other.code != own.code && other.code != NATURE)
        .flat_map(of_category)
        .map(|(nomenclature, line)| {
            let address = LineAddress::of_model(&nomenclature.code, &line.code);
            let is_there = statement.row(&address).is_some();
            let page = is_there.then(|| statement_address::line(snapshot, &address));
            let label = short_label(&sentence_case(&line.label), locale);
            (nomenclature.code.clone(), label, page)
        });
    Counterpart {
        text: locale.fill(
            "statement.compared",
            &[("category", locale.term("harmonised_category", category))],
        ),
        lines: others.collect(),
        successor,
    }
}

/// The years of a line, each with the way to its records.
fn years_to_choose(
    context: &RequestContext,
    of: &LineAddress,
    shown: FiscalYear,
    years: &[FiscalYear],
) -> Vec<(FiscalYear, String, bool)> {
    let years = years.iter().map(|year| {
        let path = statement_address::path_of(of);
        let link = context.link(&path, &[(YEAR, &year.to_string())]);
        let part = statement_address::records_of(*year);
        (*year, format!("{link}#{part}"), *year == shown)
    });
    years.collect()
}

/// The records that a figure is made of.
fn records(
    snapshot: &Snapshot,
    figure: &Figure,
    year: FiscalYear,
    years: Vec<(FiscalYear, String, bool)>,
    by_record: &HashMap<i64, &Line>,
    locale: &'static Locale,
) -> Records {
    let language = locale.language();
    let rows = figure.records.iter().map(|record| RecordRow {
        link: snapshot.line(record.number),
        number: format::integer(record.number, language),
        label: by_record
            .get(&record.number)
            .map_or_else(String::new, |line| {
                short_label(&line.published_label, locale)
            }),
        amount: plain_amount(record.amount, locale),
    });
    Records {
        id: statement_address::records_of(year),
        heading: locale.fill("statement.records", &[("year", &year.to_string())]),
        years,
        rows: rows.collect(),
        text: figure.amount.is_none().then(|| {
            locale
                .term("statement.no_sum", figure.known.name())
                .to_owned()
        }),
        sum: key_amount(figure.amount, locale),
        accounts: None,
    }
}
