//! The work that is counted, on the sample edition.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use centime_accounts::{Centimes, Classifier, FiscalYear, Published, StatementRow, YearStatement};
use centime_analytics::{Cell, Column, Kind, Language, Selection, Table, columns};
use centime_portal::{Record, Value};
use centime_render::Locale;
use centime_render::charts::{self, Measure, Totals, View};
use centime_render::draw::palette::Palette;
use centime_render::draw::picture;
use centime_render::draw::spec::Chart;
use centime_render::export::csv;

/// A piece of work: what is made ready before, and what is counted.
type Work = fn() -> Box<dyn FnMut()>;

/// All of them by name.
pub const WORK: &[(&str, Work)] = &[
    ("money", money),
    ("records", records),
    ("labels", labels),
    ("leaf_rule", leaf_rule),
    ("table_as_csv", table_as_csv),
    ("chart_option", chart_option),
    ("chart_svg", chart_svg),
    ("chart_png", chart_png),
];

const RECORDS: &str =
    include_str!("../../crates/portal-sim/sample/compte-de-resultat/records.jsonl");

fn sample() -> Vec<Record> {
    let read = |line| Record::parse(line, 1).expect("a record of the sample");
    RECORDS.lines().map(read).collect()
}

fn text(record: &Record, name: &str) -> String {
    let fields = record.fields().expect("fields that can be read");
    match fields.get(name) {
        Some(Value::Text(text) | Value::Number(text)) => text.to_owned(),
        _ => String::new(),
    }
}

/// The rows of each year, typed.
fn years() -> BTreeMap<FiscalYear, Vec<StatementRow>> {
    let mut years: BTreeMap<FiscalYear, Vec<StatementRow>> = BTreeMap::new();
    for (record, fields) in (1..).zip(sample()) {
        let year = FiscalYear::parse(&text(&fields, "exercice_comptable")).expect("a year");
        let amount = Centimes::parse(&text(&fields, "montant_en_eur"));
        years.entry(year).or_default().push(StatementRow {
            record,
            year,
            published: Arc::new(Published {
                activity: text(&fields, "type_de_resultat"),
                side: text(&fields, "produit_charge"),
                category: text(&fields, "poste"),
                label: text(&fields, "detail_postes"),
            }),
            amount: amount.ok().map(|parsed| parsed.amount),
        });
    }
    years
}

/// Every amount of the sample, read.
fn money() -> Box<dyn FnMut()> {
    let amounts: Vec<String> = sample()
        .iter()
        .map(|one| text(one, "montant_en_eur"))
        .collect();
    Box::new(move || {
        for amount in &amounts {
            drop(black_box(Centimes::parse(black_box(amount))));
        }
    })
}

/// Every record of the sample, read from its line.
fn records() -> Box<dyn FnMut()> {
    Box::new(|| {
        for line in RECORDS.lines() {
            drop(black_box(Record::parse(black_box(line), 1)));
        }
    })
}

fn understand(years: &BTreeMap<FiscalYear, Vec<StatementRow>>, classifier: &mut Classifier) {
    for (year, rows) in years {
        black_box(YearStatement::new(*year, black_box(rows), classifier));
    }
}

/// All years understood by someone who has seen no label yet.
fn labels() -> Box<dyn FnMut()> {
    let years = years();
    Box::new(move || understand(&years, &mut Classifier::default()))
}

/// All years understood by someone who has seen each label.
fn leaf_rule() -> Box<dyn FnMut()> {
    let years = years();
    let mut classifier = Classifier::default();
    Box::new(move || understand(&years, &mut classifier))
}

/// Categories of each year, as the dashboard draws them.
fn table() -> Table {
    let columns = [
        (columns::FISCAL_YEAR, Kind::Year),
        (columns::CATEGORY, Kind::Text),
        (columns::AMOUNT, Kind::Amount),
    ];
    let row = |year: u16, category: i64| {
        let name = Cell::Text(format!("Charges de la catégorie {category}"));
        vec![
            Cell::Year(FiscalYear::new(year)),
            name,
            Cell::Amount(Centimes::new(1_234_567_890 * category + i64::from(year))),
        ]
    };
    Table {
        columns: columns.map(|(name, kind)| Column::new(name, kind)).to_vec(),
        rows: (2016..=2024)
            .flat_map(|year| (1..=6).map(move |category| row(year, category)))
            .collect(),
    }
}

fn chart(table: &Table) -> Chart {
    let selection = Selection::whole(
        FiscalYear::new(2016)..=FiscalYear::new(2024),
        FiscalYear::new(2024),
        FiscalYear::new(2023),
    );
    let view = View {
        selection: &selection,
        measure: Measure::Auto,
        revenue: &BTreeMap::new(),
        totals: Totals::default(),
        blocks: &[],
        labels: &[],
        breaks: &[],
        locale: Locale::of(Language::French),
    };
    charts::categories(table, &view)
}

/// Rows as a file.
fn table_as_csv() -> Box<dyn FnMut()> {
    let table = table();
    Box::new(move || drop(black_box(csv::table(black_box(&table)))))
}

/// Rows as what `ECharts` is asked to draw in a browser.
fn chart_option() -> Box<dyn FnMut()> {
    let table = table();
    Box::new(move || drop(black_box(chart(black_box(&table)).option(Palette::Page))))
}

/// A chart as SVG.
fn chart_svg() -> Box<dyn FnMut()> {
    let chart = chart(&table());
    Box::new(move || drop(black_box(black_box(&chart).drawing(Palette::Page))))
}

/// A drawing as pixels.
fn chart_png() -> Box<dyn FnMut()> {
    let svg = picture::svg(&chart(&table()), "source");
    Box::new(move || drop(black_box(picture::png(black_box(&svg)).expect("a picture"))))
}
