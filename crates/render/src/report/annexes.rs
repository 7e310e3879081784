//! What stands at the end: reconciliation, missing amounts, method and sources.

use centime_accounts::Side;
use centime_analytics::{Analysis, Basis, analyses, columns, views};
use centime_warehouse::Dataset;
use centime_warehouse::lines::Line;

use super::content::{Block, Fact, Section};
use super::source::{Source, is_web, same_view};
use super::tables;
use crate::charts;
use crate::dashboard::{self, CellView, HeaderView, Panel, TableView};
use crate::language::format;
use crate::language::label::{block_gloss, sentence_case, short_label};
use crate::language::locale::typographic;

/// The sections after those of the charts.
pub fn sections(source: &Source<'_>, panels: &[Panel]) -> Vec<Section> {
    let mut sections = vec![reconciliation(source), missing(source)];
    sections.extend(own(source));
    sections.extend([method(source, panels), sources(source)]);
    sections
}

/// The result of each year, held against the balance sheet.
fn reconciliation(source: &Source<'_>) -> Section {
    let locale = source.locale;
    let analysis = &analyses::reconciliation::ANALYSIS;
    let text = analysis.text(locale.language());
    let rows = views::in_years(
        source.statement.table(analysis, Basis::Leaf),
        &source.query.selection,
    );
    let said = |text: &str| typographic(text, locale.language());
    let title = said(&text.title);
    let mut blocks = vec![Block::Text {
        text: said(&text.summary),
    }];
    if rows.rows.is_empty() {
        blocks.push(Block::Notes {
            items: vec![locale.text("home.no_year").to_owned()],
        });
    } else {
        let view = dashboard::table(&rows, source.query, locale);
        blocks.extend(tables::of_view(
            &tables::in_euros(source, &title),
            view,
            Vec::new(),
            false,
        ));
        blocks.extend(witnesses(source));
    }
    Section {
        title,
        wide: false,
        blocks,
    }
}

/// What else says what the results are: the sources beside the line of the balance sheet, which the table above has,
/// and any that differs.
fn witnesses(source: &Source<'_>) -> Vec<Block> {
    const SHOWN: [centime_analytics::ColumnName; 6] = [
        columns::FISCAL_YEAR,
        columns::WITNESS,
        columns::SAYS,
        columns::HELD_AGAINST,
        columns::DIFFERENCE,
        columns::STATUS,
    ];
    let locale = source.locale;
    let analysis = &analyses::witness::ANALYSIS;
    let all = views::in_years(
        source.statement.table(analysis, Basis::Leaf),
        &source.query.selection,
    );
    let is_shown = |row: &&Vec<centime_analytics::Cell>| {
        let text = |column| all.cell(row, column).text().unwrap_or_default();
        match text(columns::WITNESS) {
            "balance_sheet" => false,
            // Sides that are equal say nothing of the result.
            "sheet_totals" => text(columns::STATUS) == "different",
            _ => true,
        }
    };
    let rows = centime_analytics::Table {
        columns: SHOWN
            .iter()
            .filter_map(|name| Some(all.columns[all.position(*name)?]))
            .collect(),
        rows: all
            .rows
            .iter()
            .filter(is_shown)
            .map(|row| SHOWN.map(|name| all.cell(row, name).clone()).into())
            .collect(),
    };
    if rows.rows.is_empty() {
        return Vec::new();
    }
    let text = analysis.text(locale.language());
    let title = typographic(&text.title, locale.language());
    let mut blocks = vec![Block::Text {
        text: typographic(&text.summary, locale.language()),
    }];
    blocks.extend(tables::of_view(
        &tables::in_euros(source, &title),
        dashboard::rows(&rows, source.query, locale),
        Vec::new(),
        false,
    ));
    blocks
}

/// The analyses of the operator's own, each with its rows: no chart of the dashboard shows them.
fn own(source: &Source<'_>) -> Vec<Section> {
    let locale = source.locale;
    let language = locale.language();
    let said = |text: &str| typographic(text, language);
    let section = |analysis: &'static Analysis| {
        let text = analysis.text(language);
        let title = said(&text.title);
        let rows = views::in_years(
            source.statement.table(analysis, Basis::Leaf),
            &source.query.selection,
        );
        let mut blocks = vec![Block::Text {
            text: said(&text.summary),
        }];
        if rows.rows.is_empty() {
            blocks.push(Block::Notes {
                items: vec![locale.text("home.no_year").to_owned()],
            });
        } else {
            blocks.extend(tables::of_view(
                &tables::in_euros(source, &title),
                dashboard::rows(&rows, source.query, locale),
                Vec::new(),
                false,
            ));
        }
        Section {
            title,
            wide: rows.columns.len() > WIDE,
            blocks,
        }
    };
    source.statement.catalogue().own().map(section).collect()
}

/// From how many columns on a table is laid across the page.
const WIDE: usize = 6;

/// The amounts that are needed and were not published.
fn missing(source: &Source<'_>) -> Section {
    let locale = source.locale;
    let language = locale.language();
    let selection = &source.query.selection;
    let title = locale.text("quality.missing").to_owned();
    let inside = |line: &&Line| selection.years.contains(&line.fiscal_year) && selection.has(line);
    let mut found: Vec<&Line> = source
        .lines
        .iter()
        .filter(inside)
        .filter(|line| line.missing)
        .collect();
    // Those of a year stay in the order of its statement.
    found.sort_by_key(|line| line.fiscal_year);
    let mut blocks = vec![Block::Text {
        text: locale.text("quality.missing_text").to_owned(),
    }];
    if found.is_empty() {
        blocks.push(Block::Text {
            text: locale.text("report.none_missing").to_owned(),
        });
    } else {
        let headers = [
            columns::FISCAL_YEAR,
            columns::SIDE,
            columns::CATEGORY,
            columns::LABEL,
        ]
        .map(|name| HeaderView {
            label: locale.term("column", name.as_str()).to_owned(),
            number: false,
        });
        let rows = found.iter().map(|line| {
            let side = line.side.map_or("", Side::name);
            let category = charts::category_name(
                &line.category,
                centime_analytics::Grouping::Published,
                line.side.unwrap_or(Side::Expense),
                locale,
            );
            vec![
                words(line.fiscal_year.to_string()),
                words(locale.term("side", side).to_owned()),
                CellView {
                    gloss: block_gloss(&line.category, language),
                    ..words(short_label(&category, locale))
                },
                CellView {
                    gloss: crate::language::label::line_gloss(line, language),
                    ..words(short_label(&line.label, locale))
                },
            ]
        });
        let view = TableView {
            headers: headers.into(),
            rows: rows.collect(),
        };
        let caption = locale.text("report.missing_caption");
        blocks.extend(tables::of_view(caption, view, Vec::new(), false));
    }
    blocks.extend(unpublished(source));
    Section {
        title,
        wide: false,
        blocks,
    }
}

/// How many amounts were not published by year and category, needed or not. Of the whole statement.
fn unpublished(source: &Source<'_>) -> Vec<Block> {
    let locale = source.locale;
    let language = locale.language();
    let years = &source.query.selection.years;
    let rows: Vec<Vec<CellView>> = source
        .unpublished
        .iter()
        .filter(|found| years.contains(&found.fiscal_year))
        .map(|found| {
            let category = sentence_case(&found.category);
            vec![
                words(found.fiscal_year.to_string()),
                CellView {
                    gloss: block_gloss(&found.category, language),
                    ..words(short_label(&category, locale))
                },
                number(format::integer(found.rows, language)),
                number(format::integer(found.needed, language)),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let heads = [
        ("column.fiscal_year", false),
        ("column.category", false),
        ("quality.missing_amounts", true),
        ("quality.missing_needed", true),
    ];
    let view = TableView {
        headers: heads
            .into_iter()
            .map(|(key, number)| HeaderView {
                label: locale.text(key).to_owned(),
                number,
            })
            .collect(),
        rows,
    };
    tables::of_view(
        locale.text("quality.missing_caption"),
        view,
        Vec::new(),
        false,
    )
}

fn words(text: String) -> CellView {
    CellView {
        number: false,
        value: Some(text),
        link: None,
        gloss: "",
        mark: None,
    }
}

fn number(text: String) -> CellView {
    CellView {
        number: true,
        ..words(text)
    }
}

/// How the figures are made, and what to know before quoting them.
fn method(source: &Source<'_>, panels: &[Panel]) -> Section {
    let locale = source.locale;
    let language = locale.language();
    let said = |text: &str| typographic(text, language);
    let mut blocks = vec![
        Block::Text {
            text: locale.text("report.rule").to_owned(),
        },
        Block::Text {
            text: locale.text("analysis.dash").to_owned(),
        },
    ];
    let shown = |analysis: &&'static Analysis| {
        // What the view does not show needs no explaining.
        let chart = match analysis.model.name {
            "operating_profitability" => "operating",
            "exceptional_charges" => "exceptional",
            "financial_return" => "financial",
            _ => return true,
        };
        panels.iter().any(|panel| panel.chart.name == chart)
    };
    for analysis in source.statement.catalogue().analyses().filter(shown) {
        let text = analysis.text(language);
        blocks.push(Block::Heading {
            text: said(&text.title),
        });
        if !text.formula.is_empty() {
            blocks.push(Block::Text {
                text: said(&text.formula),
            });
        }
        let caveats: Vec<String> = text.caveats(&source.body.siren).map(said).collect();
        if !caveats.is_empty() {
            blocks.push(Block::Notes { items: caveats });
        }
    }
    Section {
        title: locale.text("report.method").to_owned(),
        wide: false,
        blocks,
    }
}

/// Something that is known, without a link.
fn fact(name: &str, value: String) -> Fact {
    Fact {
        name: name.to_owned(),
        value,
        link: None,
    }
}

/// What is known of a dataset.
fn of_dataset(dataset: &Dataset, source: &Source<'_>) -> Vec<Fact> {
    let (locale, revision) = (source.locale, source.revision);
    let language = locale.language();
    let portal = dataset.portal.trim_end_matches('/');
    let address = format!("{portal}/explore/dataset/{}/", dataset.dataset_id);
    let mut facts = vec![Fact {
        link: Some(address)
            .filter(|address| !revision.sample && !dataset.sample && is_web(address)),
        ..fact(locale.text("dataset.id"), dataset.dataset_id.clone())
    }];
    if let Some(name) = &dataset.name {
        facts.push(fact(
            locale.text("dataset.source"),
            short_label(name, locale),
        ));
    }
    let mut others = source.datasets.iter();
    if others.any(|other| other.sample != dataset.sample) {
        let mark = if dataset.sample {
            "sample.invented"
        } else {
            "sample.real"
        };
        let mark = locale.text(mark).to_owned();
        facts.push(fact(locale.text("sample.figures"), mark));
    }
    if !dataset.title.trim().is_empty() {
        facts.push(fact(
            locale.text("dataset.contents"),
            short_label(&dataset.title, locale),
        ));
    }
    if let Some(publisher) = &dataset.publisher {
        let publisher = short_label(publisher, locale);
        facts.push(fact(locale.text("dataset.publisher"), publisher));
    }
    let records = format::integer(dataset.records, language);
    facts.push(fact(locale.text("dataset.records"), records));
    if let Some(modified) = dataset
        .data_processed
        .as_ref()
        .or(dataset.modified.as_ref())
    {
        let modified = format::date_time(modified, language);
        facts.push(fact(locale.text("dataset.modified"), modified));
    }
    let retrieved = format::date_time(&dataset.retrieved_at, language);
    facts.push(fact(locale.text("dataset.retrieved"), retrieved));
    if let Some(license) = &dataset.license {
        facts.push(Fact {
            link: dataset.license_url.clone().filter(|url| is_web(url)),
            ..fact(locale.text("dataset.license"), short_label(license, locale))
        });
    }
    facts.push(fact(
        locale.text("report.content_hash"),
        dataset.content_hash.clone(),
    ));
    for (name, value) in [
        ("dataset.filter", &dataset.filter),
        ("dataset.reading", &dataset.reading),
    ] {
        if let Some(value) = value {
            facts.push(fact(locale.text(name), short_label(value, locale)));
        }
    }
    facts
}

/// Where everything comes from.
fn sources(source: &Source<'_>) -> Section {
    let locale = source.locale;
    let language = locale.language();
    let revision = source.revision;
    let mut blocks = Vec::new();
    for dataset in source.datasets {
        blocks.push(Block::Heading {
            text: locale.term("subject", dataset.subject.name()).to_owned(),
        });
        blocks.push(Block::Facts {
            facts: of_dataset(dataset, source),
        });
    }
    blocks.push(Block::Heading {
        text: locale.text("report.this_report").to_owned(),
    });
    let published = locale.fill(
        "home.published",
        &[
            ("id", &revision.id.to_string()),
            ("date", &format::date_time(&revision.published_at, language)),
        ],
    );
    let mut facts = vec![
        fact(locale.text("report.data"), published),
        fact(
            locale.text("report.fingerprint"),
            revision.fingerprint.clone(),
        ),
        fact(
            locale.text("report.made_with"),
            format!("Centime {}", env!("CARGO_PKG_VERSION")),
        ),
    ];
    if !revision.sample {
        // The sample edition comes with the program; its portal is gone with the run.
        facts.push(Fact {
            link: Some(revision.portal.clone()).filter(|url| is_web(url)),
            ..fact(locale.text("report.portal"), revision.portal.clone())
        });
    }
    facts.extend(same_view(source));
    blocks.push(Block::Facts { facts });
    blocks.push(Block::Text {
        text: locale.text("report.dated").to_owned(),
    });
    blocks.push(Block::Text {
        text: locale.text("report.attached").to_owned(),
    });
    Section {
        title: locale.text("report.sources").to_owned(),
        wide: false,
        blocks,
    }
}
