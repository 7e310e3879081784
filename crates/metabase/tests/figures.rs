//! What the questions answer: their SQL is run on PostgreSQL as the role that Metabase connects as, with
//! the values of their filters in place as Metabase puts them, and held against the analyses and the views
//! of our own dashboard, to the centime.

use std::collections::{BTreeMap, BTreeSet};

use centime_accounts::{Activity, Centimes, FiscalYear, Role, Side};
use centime_analytics::statement::{RowKind, Statement};
use centime_analytics::views;
use centime_analytics::views::Step;
use centime_analytics::{
    ANALYSES, Basis, Cell, ColumnName, Grouping, Language, Selection, Table, columns,
};
use centime_metabase::{Card, CardKind, Definitions};
use centime_pipeline::{AcceptedChanges, BodyName, Edition, Policy, Progress};
use centime_portal::Portal;
use centime_portal_sim::Simulator;
use centime_render::Locale;
use centime_test_database::{Cluster, shared};
use centime_warehouse::lines::Line;
use centime_warehouse::roles::{Passwords, READER};
use centime_warehouse::{OpenMode, Warehouse};

/// A row, each value as PostgreSQL writes it.
type Row = BTreeMap<String, Option<String>>;

/// Values of filters; those that are not here are left empty.
pub type Values<'a> = BTreeMap<&'a str, &'a str>;

struct Silent;

impl Progress for Silent {
    fn step(&self, _: &str) {}
    fn restarting(&self, _: &str, _: &str) {}
}

static ROLES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A published database.
pub struct Bench {
    cluster: &'static Cluster,
    database: String,
    warehouse: Warehouse,
    revision: i64,
}

impl Bench {
    pub async fn of(
        portal: Simulator,
        balance_sheet: Option<&str>,
        body: Option<BodyName>,
    ) -> Self {
        let cluster = shared();
        let database = cluster.new_database();
        let url = cluster.url(&database).parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let portal = portal.bind("127.0.0.1:0").await.unwrap();
        let portal = Portal::builder(&portal.url()).build().unwrap();
        let source =
            Edition::of_portal(&portal, "compte-de-resultat", balance_sheet, body.as_ref());
        let policy = Policy {
            keep: 2,
            accept_changes: AcceptedChanges::NONE,
        };
        let models = centime_analytics::models();
        centime_pipeline::run(&source, &warehouse, &models, policy, &Silent)
            .await
            .unwrap();
        // Roles are those of the server, which the tests share.
        let one_at_a_time = ROLES.lock().await;
        warehouse.make_roles(&Passwords::default()).await.unwrap();
        drop(one_at_a_time);
        let revision = warehouse.current().await.unwrap().id;
        Self {
            cluster,
            database,
            warehouse,
            revision,
        }
    }

    /// The rows of a card, as Metabase would get them.
    pub fn rows(&self, card: &Card, values: &Values<'_>) -> Vec<Row> {
        let sql = filled(card, values);
        // As texts, so that no number goes through a floating point.
        let sql = format!(
            "SELECT COALESCE(json_agg((SELECT json_object_agg(key, value) \
             FROM jsonb_each_text(to_jsonb(answer)))), '[]') FROM ({sql}) AS answer"
        );
        let rows = self
            .cluster
            .try_sql(READER, &self.database, &sql)
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", card.key));
        serde_json::from_str(&rows).unwrap()
    }

    async fn mart(
        &self,
        analysis: &centime_analytics::Analysis,
        siren: &str,
        basis: Basis,
    ) -> Table {
        self.warehouse
            .mart(&analysis.model, self.revision, siren, basis)
            .await
            .unwrap()
    }

    pub async fn lines(&self) -> Vec<Line> {
        let body = self.warehouse.only_body(self.revision).await.unwrap();
        self.warehouse
            .statement(self.revision, &body.unwrap().siren)
            .await
            .unwrap()
    }
}

const PARIS: &str = "217500016";

pub async fn sample() -> Bench {
    Bench::of(Simulator::sample(), Some("bilan-comptable"), None).await
}

/// The SQL with values in the place of its variables, as Metabase does it: a part in double brackets goes
/// where one of its variables has no value, a text is a parameter of the type that its driver gives it,
/// and a number is written as it is.
fn filled(card: &Card, values: &Values<'_>) -> String {
    let definitions = Definitions::of(Language::French);
    let value = |tag: &str| {
        let filter = definitions.filter(tag).unwrap();
        let value = values.get(tag).copied().or(filter.default.as_deref())?;
        Some(match filter.kind {
            centime_metabase::FilterKind::Text => {
                format!("'{}'::varchar", value.replace('\'', "''"))
            }
            centime_metabase::FilterKind::Number => value.to_owned(),
        })
    };
    let mut sql = String::new();
    let mut rest = card.sql.as_str();
    while let Some(start) = rest.find("[[") {
        let end = start + rest[start..].find("]]").unwrap();
        sql.push_str(&rest[..start]);
        let part = &rest[start + 2..end];
        if variables(part).iter().all(|tag| value(tag).is_some()) {
            sql.push_str(part);
        }
        rest = &rest[end + 2..];
    }
    sql.push_str(rest);
    for tag in variables(&sql.clone()) {
        let value = value(tag).unwrap_or_else(|| panic!("{} needs {tag}", card.key));
        sql = sql.replace(&format!("{{{{{tag}}}}}"), &value);
    }
    sql
}

fn variables(sql: &str) -> Vec<&str> {
    sql.split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}").map(|(name, _)| name))
        .collect()
}

pub fn question(key: &str) -> Card {
    let cards = Definitions::of(Language::French).cards;
    let mut found = cards
        .into_iter()
        .filter(|card| card.key == key && card.kind == CardKind::Question);
    found.next().unwrap()
}

pub fn french() -> &'static Locale {
    Locale::of(Language::French)
}

/// An integer with its decimal point moved, as PostgreSQL writes a numeric.
pub fn decimal(value: i64, digits: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let text = format!("{:0width$}", value.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    format!("{sign}{whole}.{fraction}")
}

fn euros(centimes: Option<i64>) -> Option<String> {
    centimes.map(|centimes| decimal(centimes, 2))
}

/// What a question should answer for a cell of an analysis.
fn expected(cell: &Cell, column: ColumnName, question: bool) -> Option<String> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Amount(amount) => decimal(amount.get(), 2),
        Cell::Rate(rate) => decimal(rate.get(), 4),
        Cell::Year(year) => year.to_string(),
        Cell::Count(number) => number.to_string(),
        Cell::Flag(flag) => i64::from(*flag).to_string(),
        Cell::List(entries) => entries.join("\n"),
        Cell::Status(status) if question => french().term(&column, status.name()).to_owned(),
        Cell::Status(status) => status.name().to_owned(),
        Cell::Text(text)
            if question
                && matches!(
                    column,
                    columns::STATUS | columns::WITNESS | columns::HARMONISED_CATEGORY
                ) =>
        {
            french().term(&column, text).to_owned()
        }
        Cell::Text(text) => text.clone(),
    })
}

/// The rows of an analysis as a question should answer them, in columns that it has.
fn expected_rows(table: &Table, columns: &BTreeSet<&str>, question: bool) -> Vec<Row> {
    let mut rows: Vec<Row> = table
        .rows
        .iter()
        .map(|row| {
            table
                .columns
                .iter()
                .zip(row)
                .filter(|(column, _)| columns.contains(&*column.name))
                .map(|(column, cell)| {
                    let text = expected(cell, column.name, question);
                    (column.name.to_string(), text)
                })
                .collect()
        })
        .collect();
    rows.sort();
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn every_card_runs_in_every_language_with_and_without_its_filters() {
    let bench = sample().await;
    let years = Values::from([
        ("from_year", "2017"),
        ("to_year", "2022"),
        ("year", "2020"),
        ("against_year", "2017"),
        ("activity", "financial"),
    ]);
    for language in Language::ALL {
        for card in Definitions::of(language).cards {
            // The sample edition has lines and no accounts.
            let found = bench.rows(&card, &Values::new());
            assert_eq!(found.is_empty(), card.key == "indicators", "{}", card.key);
            bench.rows(&card, &years);
            let nobody = Values::from([("body", "d'Ailleurs (1)"), ("category", "l'autre")]);
            bench.rows(&card, &nobody);
            let columns: BTreeSet<&str> = card
                .columns
                .iter()
                .map(|(name, ..)| name.as_str())
                .collect();
            let Some(row) = found.first() else { continue };
            let answered: BTreeSet<&str> = row.keys().map(String::as_str).collect();
            assert_eq!(columns, answered, "{} in {language}", card.key);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_on_marts_answer_what_the_analyses_do() {
    let bench = sample().await;
    for (key, analysis) in [
        ("result", "yearly_result"),
        ("operating", "operating_profitability"),
        ("exceptional", "exceptional_charges"),
        ("financial", "financial_return"),
        ("reconciliation", "reconciliation"),
        ("witness", "witness"),
        ("completeness", "completeness"),
        (
            "expense-by-harmonised-category",
            "expense_by_harmonised_category",
        ),
    ] {
        let card = question(key);
        let columns: BTreeSet<&str> = card
            .columns
            .iter()
            .map(|(name, ..)| name.as_str())
            .collect();
        let analysis = ANALYSES
            .into_iter()
            .find(|one| one.model.name == analysis)
            .unwrap();
        for basis in Basis::ALL {
            // The reconciliation names both results, whatever the basis.
            let of = if key == "reconciliation" {
                Basis::Leaf
            } else {
                basis
            };
            let table = bench.mart(analysis, PARIS, of).await;
            let expected = expected_rows(&table, &columns, true);
            assert!(!expected.is_empty(), "{key}");
            let mut rows = bench.rows(&card, &Values::from([("basis", basis.name())]));
            rows.sort();
            assert_eq!(rows, expected, "{key} {basis}");
            let some = Values::from([
                ("basis", basis.name()),
                ("from_year", "2018"),
                ("to_year", "2020"),
            ]);
            let mut some = bench.rows(&card, &some);
            some.sort();
            let year = |row: &Row| row["fiscal_year"].as_ref().unwrap().parse::<i64>().unwrap();
            rows.retain(|row| (2018..=2020).contains(&year(row)));
            assert_eq!(some, rows, "{key} {basis}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn models_hold_what_the_analyses_do() {
    let bench = sample().await;
    let models = Definitions::of(Language::French).cards;
    for analysis in ANALYSES {
        let is_it = |card: &&Card| card.kind == CardKind::Model && card.key == analysis.name();
        let card = models.iter().find(is_it).unwrap();
        let columns = analysis
            .model
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        let all = bench.rows(card, &Values::new());
        for basis in Basis::ALL {
            let of_basis = all
                .iter()
                .filter(|row| row["basis"].as_deref() == Some(basis.name()));
            let mut rows: Vec<Row> = of_basis.cloned().collect();
            for row in &mut rows {
                assert_eq!(row.remove("siren").unwrap().as_deref(), Some(PARIS));
                assert_eq!(
                    row.remove("body").unwrap().as_deref(),
                    Some("Ville de Paris")
                );
                row.remove("basis");
            }
            rows.sort();
            let table = bench.mart(analysis, PARIS, basis).await;
            assert_eq!(
                rows,
                expected_rows(&table, &columns, false),
                "{} {basis}",
                card.key
            );
        }
    }
}

/// The selections that are looked at, with the values of filters that ask for them.
fn selections(lines: &[Line]) -> Vec<(Selection, BTreeMap<&'static str, String>)> {
    let mut all = Vec::new();
    for basis in Basis::ALL {
        for grouping in Grouping::ALL {
            for side in [Side::Expense, Side::Revenue] {
                for activity in [None, Some(Activity::Operating), Some(Activity::Financial)] {
                    for (focus, against) in [(2024, 2023), (2019, 2017), (2018, 2017)] {
                        let mut selection = Selection {
                            basis,
                            grouping,
                            side: Some(side),
                            activity,
                            ..Selection::whole(
                                FiscalYear::new(2017)..=FiscalYear::new(2024),
                                FiscalYear::new(focus),
                                FiscalYear::new(against),
                            )
                        };
                        let mut values = BTreeMap::from([
                            ("basis", basis.name().to_owned()),
                            ("grouping", grouping.name().to_owned()),
                            ("side", side.to_string()),
                            ("from_year", "2017".to_owned()),
                            ("to_year", "2024".to_owned()),
                            ("year", focus.to_string()),
                            ("against_year", against.to_string()),
                        ]);
                        values.extend(activity.map(|one| ("activity", one.to_string())));
                        all.push((selection.clone(), values.clone()));
                        let found = lines.iter().rev().find(|line| selection.has(line));
                        let category = found.map(|line| grouping.of(line)).unwrap();
                        values.insert("category", word(category, grouping, side));
                        selection.category = Some(category.to_owned());
                        all.push((selection, values));
                    }
                }
            }
        }
    }
    all
}

/// What readers see of a category: revenue has no categories that can be compared, but activities.
pub fn word(category: &str, grouping: Grouping, side: Side) -> String {
    let group = if side == Side::Expense {
        "harmonised_category"
    } else {
        "activity"
    };
    match grouping {
        Grouping::Published => category.to_owned(),
        Grouping::Harmonised => french().term(group, category).to_owned(),
    }
}

/// The columns of a view, with the words that readers see.
pub fn seen(
    table: &Table,
    selection: &Selection,
    names: &[&'static str],
) -> Vec<Vec<Option<String>>> {
    let cell = |row: &[Cell], name| {
        let name = ColumnName::new(name);
        assert!(table.has(name), "{name}");
        let text = expected(table.cell(row, name), name, false);
        if name == columns::CATEGORY && selection.category.is_none() {
            text.map(|text| word(&text, selection.grouping, selection.shown_side()))
        } else {
            text
        }
    };
    let mut rows: Vec<Vec<Option<String>>> = table
        .rows
        .iter()
        .map(|row| names.iter().map(|name| cell(row, name)).collect())
        .collect();
    rows.sort();
    rows
}

pub fn answered(rows: &[Row], columns: &[&str]) -> Vec<Vec<Option<String>>> {
    let mut rows: Vec<Vec<Option<String>>> = rows
        .iter()
        .map(|row| columns.iter().map(|name| row[*name].clone()).collect())
        .collect();
    rows.sort();
    rows
}

pub fn borrowed<'v>(values: &'v BTreeMap<&'static str, String>) -> Values<'v> {
    values
        .iter()
        .map(|(tag, value)| (*tag, value.as_str()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn categories_and_changes_are_those_of_our_dashboard() {
    let bench = sample().await;
    let lines = bench.lines().await;
    let (categories, changes) = (question("categories"), question("changes"));
    for (selection, values) in selections(&lines) {
        let values = borrowed(&values);
        let columns = ["fiscal_year", "category", "amount", "share"];
        let view = views::categories(&lines, &selection);
        assert!(!view.rows.is_empty(), "{values:?}");
        assert_eq!(
            answered(&bench.rows(&categories, &values), &columns),
            seen(&view, &selection, &columns),
            "{values:?}"
        );
        let columns = ["category", "before", "after", "difference", "change"];
        let view = views::changes(&lines, &selection);
        assert_eq!(
            answered(&bench.rows(&changes, &values), &columns),
            seen(&view, &selection, &columns),
            "{values:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_and_flow_are_those_of_our_dashboard() {
    let bench = sample().await;
    let lines = bench.lines().await;
    let (steps, flow) = (question("steps"), question("flow"));
    let side = |side: Side| french().term("sides", side.name()).to_owned();
    for (selection, values) in selections(&lines) {
        let values = borrowed(&values);
        let whole = Selection {
            category: None,
            ..selection.clone()
        };
        let view = views::steps(&lines, &selection);
        let mut expected: Vec<(String, String)> = Vec::new();
        for row in &view.rows {
            let amount = view.cell(row, columns::AMOUNT).amount().unwrap().get();
            let category = view.cell(row, columns::CATEGORY).text();
            match Step::named(view.cell(row, columns::STEP).text().unwrap()).unwrap() {
                // Where no line is of revenue, ours begins at zero, and the waterfall does by itself.
                Step::Of(Side::Revenue) if amount == 0 => {}
                Step::Of(Side::Revenue) => {
                    expected.push((side(Side::Revenue), decimal(amount, 2)));
                }
                Step::Of(Side::Expense) => {
                    expected.push((
                        word(category.unwrap(), whole.grouping, Side::Expense),
                        decimal(-amount, 2),
                    ));
                }
                // What is left is drawn by the waterfall itself.
                Step::Result => {}
            }
        }
        expected.sort();
        let rows = bench.rows(&steps, &values);
        let mut rows: Vec<(String, String)> = rows
            .into_iter()
            .map(|row| (row["step"].clone().unwrap(), row["amount"].clone().unwrap()))
            .collect();
        rows.sort();
        assert_eq!(rows, expected, "{values:?}");
        if selection.activity.is_none() {
            let incomplete =
                selection.focus == FiscalYear::new(2018) && selection.basis == Basis::Leaf;
            assert_eq!(rows.is_empty(), incomplete);
        }

        let view = views::flow(&lines, &selection);
        let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
        if selection.grouping == Grouping::Harmonised {
            // A label may mean another category in another year.
            continue;
        }
        for row in &view.rows {
            let text = |name| view.cell(row, name).text().unwrap();
            let key = (
                side(Side::named(text(columns::SIDE)).unwrap()),
                text(columns::CATEGORY).to_owned(),
            );
            *sums.entry(key).or_default() +=
                view.cell(row, columns::AMOUNT).amount().unwrap().get();
        }
        let mut expected: Vec<(String, String)> = sums
            .into_iter()
            .filter(|(_, amount)| *amount > 0)
            .map(|((side, category), amount)| (format!("{side} › {category}"), decimal(amount, 2)))
            .collect();
        expected.sort();
        let rows = bench.rows(&flow, &values);
        let mut rows: Vec<(String, String)> = rows
            .into_iter()
            .map(|row| {
                let (source, target) = (
                    row["source"].clone().unwrap(),
                    row["target"].clone().unwrap(),
                );
                let end = if source == "Total" { target } else { source };
                (end, row["amount"].clone().unwrap())
            })
            .collect();
        rows.sort();
        assert_eq!(rows, expected, "{values:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_and_lines_are_those_of_our_dashboard() {
    let bench = sample().await;
    let lines = bench.lines().await;
    let presence = question("presence");
    let words = french();
    for activity in [None, Some(Activity::Financial)] {
        let selection = Selection {
            activity,
            ..Selection::whole(
                FiscalYear::new(2016)..=FiscalYear::new(2024),
                FiscalYear::new(2024),
                FiscalYear::new(2023),
            )
        };
        let view = views::presence(&lines, &selection);
        let mut expected: Vec<Vec<Option<String>>> = view
            .rows
            .iter()
            .map(|row| {
                let text = |name| view.cell(row, name).text().unwrap();
                let label = [
                    words.term("sides", text(columns::SIDE)),
                    text(columns::CATEGORY),
                    text(columns::LABEL),
                ]
                .join(" › ");
                let year = view
                    .cell(row, columns::FISCAL_YEAR)
                    .year()
                    .unwrap()
                    .to_string();
                vec![
                    Some(label),
                    Some(year),
                    Some(words.term("state", text(columns::STATE)).to_owned()),
                ]
            })
            .collect();
        expected.sort();
        let rows = bench.rows(
            &presence,
            &activity
                .map(|one| ("activity", one.name()))
                .into_iter()
                .collect(),
        );
        assert_eq!(
            answered(&rows, &["label", "fiscal_year", "state"]),
            expected
        );
    }

    for (year, activity) in [("2018", None), ("2024", None), ("2024", Some("financial"))] {
        let mut values = Values::from([("year", year)]);
        values.extend(activity.map(|name| ("activity", name)));
        let rows = bench.rows(&question("lines"), &values);
        let of_year = lines.iter().filter(|line| {
            line.fiscal_year.to_string() == year
                && (activity.is_none() || line.activity.map(Activity::name) == activity)
        });
        let mut expected: Vec<Vec<Option<String>>> = of_year
            .map(|line| {
                vec![
                    Some(line.record.to_string()),
                    Some(line.label.clone()),
                    euros(line.amount.map(Centimes::get)),
                ]
            })
            .collect();
        expected.sort();
        assert_eq!(answered(&rows, &["record", "label", "amount"]), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_filter_the_latest_complete_year_is_looked_at() {
    let bench = sample().await;
    let shown = |values: &Values<'_>| {
        bench.rows(&question("shown"), values)[0]["shown"]
            .clone()
            .unwrap()
    };
    assert_eq!(shown(&Values::new()), "Ville de Paris · 2024");
    // 2018 is not complete.
    assert_eq!(
        shown(&Values::from([("to_year", "2018")])),
        "Ville de Paris · 2017"
    );
    assert_eq!(
        shown(&Values::from([("to_year", "2018"), ("from_year", "2018")])),
        "Ville de Paris · 2018"
    );
    assert_eq!(
        shown(&Values::from([("year", "2016")])),
        "Ville de Paris · 2016"
    );
    let result = bench.rows(
        &question("result-of-year"),
        &Values::from([("year", "2016")]),
    );
    assert_eq!(result[0]["result"].as_deref(), Some("211037496.68"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_chosen_by_the_name_that_the_filter_lists() {
    let bench = Bench::of(Simulator::sample_of_bodies(3), None, None).await;
    let listed = bench.rows(&question("bodies"), &Values::new());
    assert_eq!(listed.len(), 3);
    let bodies = bench
        .warehouse
        .bodies(bench.revision, "", 0, 10)
        .await
        .unwrap()
        .bodies;
    let analysis = ANALYSES[0];
    let card = question("result");
    let columns: BTreeSet<&str> = card
        .columns
        .iter()
        .map(|(name, ..)| name.as_str())
        .collect();
    let mut answers = BTreeSet::new();
    for (row, body) in listed.iter().zip(&bodies) {
        let label = row["body"].clone().unwrap();
        assert_eq!(label, format!("{} ({})", body.name, body.siren));
        let mut rows = bench.rows(&card, &Values::from([("body", label.as_str())]));
        rows.sort();
        let table = bench.mart(analysis, &body.siren, Basis::Leaf).await;
        assert_eq!(rows, expected_rows(&table, &columns, true), "{label}");
        answers.insert(rows);
    }
    assert_eq!(answers.len(), 3, "each body has figures of its own");
    // Of several bodies the first is shown, and never a sum of them.
    let mut rows = bench.rows(&card, &Values::new());
    rows.sort();
    let table = bench.mart(analysis, &bodies[0].siren, Basis::Leaf).await;
    assert_eq!(rows, expected_rows(&table, &columns, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_has_the_lines_and_totals_of_our_own() {
    let bench = sample().await;
    let lines = bench.lines().await;
    let breaks = bench.warehouse.series_breaks(bench.revision, PARIS).await;
    let ours = Statement::of(&lines, &breaks.unwrap());
    let card = question("statement");
    let sum = |cents: Option<Centimes>| cents.map(|amount| decimal(amount.get(), 2));
    let mut expected: Vec<(String, String, Option<String>)> = Vec::new();
    for stretch in &ours.stretches {
        for (place, year) in stretch.years.iter().enumerate() {
            let of_year = stretch.rows.iter().filter(|row| row.kind == RowKind::Total);
            expected.extend(of_year.filter_map(|row| {
                let block = stretch.row(row.block.as_ref()?)?;
                let any = lines.iter().any(|line| {
                    line.fiscal_year == year.fiscal_year && line.category == block.label
                });
                let amount = sum(row.figures[place].amount);
                any.then(|| (year.fiscal_year.to_string(), block.label.clone(), amount))
            }));
        }
    }
    let role = |role: Role| french().term("role", role.name()).to_owned();
    let rows = bench.rows(&card, &Values::new());
    let mut totals: Vec<(String, String, Option<String>)> = rows
        .iter()
        .filter(|row| row["role"].as_deref() == Some(&role(Role::Total)))
        .map(|row| {
            let text = |name: &str| row[name].clone().unwrap();
            (
                text("fiscal_year"),
                text("label"),
                row.get("amount").cloned().flatten(),
            )
        })
        .collect();
    expected.sort();
    totals.sort();
    assert_eq!(totals, expected);
    let printed = lines
        .iter()
        .filter(|line| line.side.is_some() && line.role != Role::Total);
    assert_eq!(rows.len() - totals.len(), printed.clone().count());
    let mut amounts: Vec<Option<String>> = printed.map(|line| sum(line.amount)).collect();
    let mut answered: Vec<Option<String>> = rows
        .iter()
        .filter(|row| row["role"].as_deref() != Some(&role(Role::Total)))
        .map(|row| row.get("amount").cloned().flatten())
        .collect();
    amounts.sort();
    answered.sort();
    assert_eq!(answered, amounts);
}

#[tokio::test(flavor = "multi_thread")]
async fn indicators_are_none_where_no_account_is_known() {
    let bench = sample().await;
    let rows = bench.rows(&question("indicators"), &Values::from([("year", "2023")]));
    assert!(rows.is_empty());
}
