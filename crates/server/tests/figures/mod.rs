//! Every number that is printed of a statement, on every surface, is the one that plain sums of its lines give.
//!
//! Statements are made up: amounts below zero, zeros, one line, thirty years, sixty categories, what was not
//! published. They go all the way, from a portal to the surfaces, and each number that is found there is read
//! in the unit it is printed in and held against the sum it states (`statement`), never against the program's.

#![allow(
    clippy::too_many_lines,
    reason = "all that a surface says is held in one place"
)]

mod analyses;
mod answer;
mod cases;
mod files;
mod lines;
mod marks;
mod report;
mod statement;
mod surfaces;
mod written;

use std::sync::{Arc, Mutex};

use self::files::{csv_of_parquet, csv_of_spreadsheet, csv_of_workbook};
use self::statement::{Dice, Made, Shape, Signs, View};
use self::surfaces::{Answers, CHARTS, Check, table_of_csv};
use crate::common::statement::publish_records;
use crate::common::{Bench, often_asked, send};
use axum::Router;
use axum::http::{Method, header};
use centime_access::Role;
use centime_pipeline::BodyName;
use centime_server::{Guard, ReportService, Settings};
use centime_warehouse::{DatabaseUrl, Ledger, OpenMode, Warehouse};

/// What the last report said, its drawings and its files.
type Printed = Arc<Mutex<Answers>>;

/// Whose made statements are.
const SIREN: &str = "217599992";
const BODY_NAME: &str = "Commune d’essai";

/// A site over a statement.
struct Shown {
    _bench: Bench,
    site: Router,
    printed: Printed,
    token: String,
}

impl Shown {
    async fn of(made: &Made) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = centime_test_database::fresh(folder.path());
        let url: DatabaseUrl = address.parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let body = BodyName {
            // Of no public body, so that no series of it breaks.
            siren: SIREN.to_owned(),
            name: BODY_NAME.to_owned(),
        };
        publish_records(&warehouse, made.records().lines(), Some(body)).await;
        let ledger = Ledger::open(&url).await.unwrap();
        let guard = Guard::new(often_asked(Settings::default().mode), Some(ledger.clone()));
        let bench = Bench::of(folder, warehouse, ledger, guard);
        Self::printing(bench).await
    }

    /// A site that prints, and keeps what it printed.
    async fn printing(bench: Bench) -> Self {
        let printed = Printed::default();
        let kept = Arc::clone(&printed);
        let reports = ReportService::new(move |report| {
            let mut kept = kept.lock().unwrap();
            kept.clear();
            let json = serde_json::to_string(report).map_err(|error| error.to_string())?;
            kept.insert("report.json".to_owned(), json.clone());
            for (number, drawing) in report.drawings.iter().enumerate() {
                kept.insert(format!("report.drawing.{number}"), drawing.clone());
            }
            for file in &report.files {
                kept.insert(format!("report.{}", file.name), file.contents.clone());
            }
            Ok(json.into_bytes())
        });
        let token = bench.token(Role::Admin, None).await;
        Self {
            site: bench.site.clone().printing(reports).router(),
            token: format!("Bearer {}", token.reveal()),
            _bench: bench,
            printed,
        }
    }

    async fn bytes(&self, address: &str, browser: bool) -> Option<Vec<u8>> {
        let mut headers = vec![("authorization", self.token.as_str())];
        if browser {
            headers.push(("centime-drawing", "browser"));
        }
        let response = send(&self.site, &Method::GET, address, &headers, "").await;
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        // A chart that has nothing to draw has no option.
        if status == 404 {
            return None;
        }
        assert_eq!(status, 200, "{address}: {}", String::from_utf8_lossy(&body));
        Some(body.to_vec())
    }

    async fn text(&self, address: &str) -> String {
        let bytes = self.bytes(address, false).await;
        String::from_utf8(bytes.unwrap_or_else(|| panic!("{address}"))).unwrap()
    }

    /// What all surfaces of a view say; `drawn` with what is drawn by the program.
    async fn answers(&self, view: &View, drawn: bool) -> Answers {
        let query = view.query();
        let mut answers = Answers::new();
        let mut put = |name: String, bytes: Option<Vec<u8>>| {
            if let Some(bytes) = bytes {
                answers.insert(name, String::from_utf8(bytes).unwrap());
            }
        };
        for chart in CHARTS {
            let address = |form: &str| format!("/dashboard/{chart}.{form}?{query}");
            for form in ["csv", "json", "option"] {
                put(
                    format!("{chart}.{form}"),
                    self.bytes(&address(form), false).await,
                );
            }
            let csv = self.text(&address("csv")).await;
            let sheet = self.bytes(&address("xlsx"), false).await.unwrap();
            put(
                format!("{chart}.xlsx"),
                Some(csv_of_workbook(&sheet, &csv).into_bytes()),
            );
            let table = csv_of_spreadsheet(&self.text(&address("excel.csv")).await, &csv);
            same_table(chart, &table, &csv);
            let typed = self.bytes(&address("parquet"), false).await.unwrap();
            put(
                format!("{chart}.parquet"),
                Some(csv_of_parquet(typed).into_bytes()),
            );
            if drawn {
                put(
                    format!("{chart}.svg"),
                    self.bytes(&address("svg"), false).await,
                );
            }
        }
        put(
            "browser.html".to_owned(),
            self.bytes(&format!("/dashboard?{query}"), true).await,
        );
        if drawn {
            put(
                "dashboard.html".to_owned(),
                self.bytes(&format!("/dashboard?{query}"), false).await,
            );
            put(
                "embed.html".to_owned(),
                self.bytes(&format!("/embed/dashboard/flow?{query}"), false)
                    .await,
            );
            let report = format!("/reports/income-statement.pdf?{query}");
            self.bytes(&report, false).await.unwrap();
            answers.extend(self.printed.lock().unwrap().clone());
        }
        answers
    }

    /// What the pages and files of the analyses say, and the home page.
    async fn analyses(&self, french: bool) -> Answers {
        let language = if french { "fr" } else { "en" };
        let mut answers = Answers::new();
        for analysis in centime_analytics::ANALYSES {
            let name = analysis.name();
            let address = |form: &str| format!("/analyses/{name}{form}?lang={language}");
            for form in ["csv", "json"] {
                answers.insert(
                    format!("analysis/{name}.{form}"),
                    self.text(&address(&format!(".{form}"))).await,
                );
            }
            let sheet = self.bytes(&address(".xlsx"), false).await.unwrap();
            let csv = &answers[&format!("analysis/{name}.csv")];
            let table = csv_of_spreadsheet(&self.text(&address(".excel.csv")).await, csv);
            same_table(&name, &table, csv);
            let sheet = csv_of_workbook(&sheet, csv);
            answers.insert(format!("analysis/{name}.xlsx"), sheet);
            let typed = self.bytes(&address(".parquet"), false).await.unwrap();
            let typed = csv_of_parquet(typed);
            let all = format!("/analyses/{name}.parquet?body=*");
            let all = self.bytes(&all, false).await.unwrap();
            same(&name, "csv", &csv_of_parquet(all), &typed);
            answers.insert(format!("analysis/{name}.parquet"), typed);
            answers.insert(
                format!("analysis/{name}.html"),
                self.text(&address("")).await,
            );
        }
        answers.insert(
            "home.html".to_owned(),
            self.text(&format!("/?lang={language}")).await,
        );
        answers
    }

    /// What the lines are in files, on their first page, and on pages of their own.
    async fn lines(&self, french: bool) -> Answers {
        let language = if french { "fr" } else { "en" };
        let mut answers = Answers::new();
        for form in ["csv", "json"] {
            let file = self.text(&format!("/lines.{form}")).await;
            let all = self.text(&format!("/lines.{form}?body=*")).await;
            same("/lines", form, &all, &file);
            answers.insert(format!("lines/all.{form}"), file);
        }
        let sheet = self.bytes("/lines.xlsx", false).await.unwrap();
        let sheet = csv_of_workbook(&sheet, &answers["lines/all.csv"]);
        answers.insert("lines/all.xlsx".to_owned(), sheet);
        let typed = self.bytes("/lines.parquet", false).await.unwrap();
        let typed = csv_of_parquet(typed);
        let all = self.bytes("/lines.parquet?body=*", false).await.unwrap();
        same("/lines.parquet", "csv", &csv_of_parquet(all), &typed);
        answers.insert("lines/all.parquet".to_owned(), typed);
        let page = self.text(&format!("/lines?lang={language}")).await;
        answers.insert("lines/page.html".to_owned(), page);
        answers
    }

    /// What the API says of the analyses on both bases and of the lines, page after page.
    async fn api(&self) -> Answers {
        let mut answers = Answers::new();
        for (form, media_type) in [("json", "application/json"), ("csv", "text/csv")] {
            for analysis in centime_analytics::ANALYSES {
                for basis in ["leaf", "naive"] {
                    let name = analysis.name();
                    let address = format!("/api/v1/analyses/{name}?basis={basis}");
                    let (text, next) = self.page(&address, media_type).await;
                    assert_eq!(next, None, "{address}");
                    // All bodies together are the only one, and a file is the answer.
                    let all = self.page(&format!("{address}&body=*"), media_type).await;
                    same(&address, form, &all.0, &text);
                    let file = format!("/api/v1/analyses/{name}.{form}?basis={basis}");
                    same(&file, form, &self.text(&file).await, &text);
                    answers.insert(format!("api/{basis}/{name}.{form}"), text);
                }
            }
            let mut next = Some("/api/v1/lines?limit=7".to_owned());
            let mut number = 0;
            while let Some(address) = next {
                let (text, following) = self.page(&address, media_type).await;
                answers.insert(format!("api/lines/{number:03}.{form}"), text);
                next = following;
                number += 1;
            }
        }
        answers
    }

    /// A page of an answer of the API in a form, and the address of the next one.
    async fn page(&self, address: &str, media_type: &str) -> (String, Option<String>) {
        let headers = [
            ("authorization", self.token.as_str()),
            ("accept", media_type),
        ];
        let response = send(&self.site, &Method::GET, address, &headers, "").await;
        assert_eq!(response.status(), 200, "{address}");
        let next = response.headers().get(header::LINK).map(|link| {
            let link = link.to_str().unwrap();
            surfaces::between(link, "<", ">; rel=\"next\"").to_owned()
        });
        let body = axum::body::to_bytes(response.into_body(), usize::MAX);
        let text = String::from_utf8(body.await.unwrap().to_vec()).unwrap();
        (text, next)
    }
}

/// Holds what is said of all bodies, or in a file, against what is held against sums.
fn same(at: &str, form: &str, one: &str, other: &str) {
    if form == "json" {
        let [one, other] = [one, other].map(|text| -> serde_json::Value {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{at}: {error}"))
        });
        assert!(one == other, "{at}");
    } else {
        assert!(one == other, "{at}");
    }
}

/// Holds a CSV for spreadsheets against that for programs.
fn same_table(at: &str, one: &str, other: &str) {
    let (one, other) = (table_of_csv(one), table_of_csv(other));
    let differs = one
        .rows
        .iter()
        .zip(&other.rows)
        .find(|(one, other)| one != other);
    assert!(one == other, "{at}: {differs:?}");
}

/// What statements are like: the cases that broke something, and others around them.
fn shapes() -> Vec<Shape> {
    let usual = Shape {
        years: 3,
        lines: [8, 14],
        categories: 5,
        signs: Signs::Mixed,
        missing: 0,
        digits: 11,
    };
    vec![
        Shape {
            years: 30,
            lines: [6, 9],
            ..usual
        },
        Shape {
            lines: [60, 60],
            categories: 60,
            years: 2,
            ..usual
        },
        Shape {
            years: 1,
            lines: [1, 1],
            categories: 1,
            ..usual
        },
        Shape {
            years: 1,
            lines: [1, 0],
            categories: 1,
            ..usual
        },
        Shape {
            signs: Signs::Zero,
            ..usual
        },
        Shape {
            signs: Signs::Below,
            ..usual
        },
        Shape {
            signs: Signs::RevenueBelow,
            digits: 9,
            ..usual
        },
        Shape {
            signs: Signs::Above,
            digits: 12,
            ..usual
        },
        Shape {
            missing: 4,
            years: 9,
            ..usual
        },
        Shape {
            missing: 30,
            years: 4,
            ..usual
        },
        Shape {
            lines: [40, 45],
            categories: 12,
            digits: 5,
            ..usual
        },
        Shape { digits: 2, ..usual },
        Shape {
            digits: 13,
            years: 5,
            lines: [12, 30],
            categories: 9,
            ..usual
        },
    ]
}

/// The views of a statement, whose number chooses some of the rest.
fn views(made: &Made, number: u64) -> Vec<View> {
    let whole = View::whole(made);
    let mut dice = Dice(number);
    let years = made.years();
    let mut year =
        || years[usize::try_from(dice.below(u64::try_from(years.len()).unwrap())).unwrap()];
    let (one, other, third) = (year(), year(), year());
    let english = View {
        french: false,
        ..whole.clone()
    };
    let category = made
        .lines
        .iter()
        .find(|line| line.side == "expense")
        .map(|line| line.category.clone());
    let all = [
        View {
            unit: "percent",
            ..english.clone()
        },
        View {
            naive: true,
            ..whole.clone()
        },
        View {
            unit: "share",
            side: Some("revenue"),
            ..english.clone()
        },
        View {
            unit: "share",
            ..whole.clone()
        },
        View {
            activity: Some("operating"),
            ..whole.clone()
        },
        View {
            activity: Some("financial"),
            unit: "percent",
            ..whole.clone()
        },
        View {
            harmonised: true,
            unit: "meur",
            ..english.clone()
        },
        View {
            category: category.clone(),
            ..english.clone()
        },
        View {
            unit: "bneur",
            ..whole.clone()
        },
        View {
            unit: "eur",
            naive: true,
            ..english.clone()
        },
        View {
            from: one.min(other),
            to: one.max(other),
            focus: one,
            against: if third == one {
                View::whole(made).against
            } else {
                third
            },
            side: Some("expense"),
            ..whole.clone()
        },
    ];
    let allowed = |view: &View| {
        let has = |activity| made.lines.iter().any(|line| line.activity == activity);
        // What a form does not offer is refused.
        view.activity.is_none_or(has) && (view.against != view.focus || years.len() == 1)
    };
    let mut chosen = vec![whole.clone()];
    let count = u64::try_from(all.len()).unwrap();
    for step in 0..4 {
        let at = usize::try_from((number * 4 + step) % count).unwrap();
        chosen.extend(Some(all[at].clone()).filter(allowed));
    }
    chosen
}

fn fail_where(wrong: &[String]) {
    let shown: Vec<&String> = wrong.iter().take(150).collect();
    assert!(
        wrong.is_empty(),
        "{} numbers are wrong: {shown:#?}",
        wrong.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_on_every_surface_is_that_of_the_lines() {
    let (mut statements, mut surfaces, mut numbers) = (0, 0, 0);
    let mut wrong = Vec::new();
    for (number, shape) in (0..).zip(shapes()) {
        let made = Made::new(number, shape);
        let shown = Shown::of(&made).await;
        statements += 1;
        for (at, view) in views(&made, number).into_iter().enumerate() {
            // What the program draws takes long: the whole statement, and every third view.
            let drawn = at == 0 || (number + u64::try_from(at).unwrap()) % 3 == 0;
            let mut answers = shown.answers(&view, drawn).await;
            if at == 0 {
                answers.extend(shown.analyses(view.french).await);
                answers.extend(shown.lines(view.french).await);
                answers.extend(shown.api().await);
            }
            surfaces += answers.len();
            let tally = Check::all(&made, &view, &answers);
            numbers += tally.numbers;
            let of = format!("{} {}", made.name, view.query());
            wrong.extend(tally.wrong.into_iter().map(|what| format!("{of}: {what}")));
        }
    }
    eprintln!("{numbers} numbers on {surfaces} surfaces of {statements} statements");
    fail_where(&wrong);
    assert!(numbers >= 20_000, "{numbers}");
}

/// Numbers of a text, by where each begins and ends.
fn digits_of(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len())
        .filter(|at| bytes[*at].is_ascii_digit())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_on_any_surface_is_noticed() {
    let shape = Shape {
        years: 4,
        lines: [6, 10],
        categories: 6,
        signs: Signs::Mixed,
        missing: 0,
        digits: 10,
    };
    let made = Made::new(7, shape);
    let view = View::whole(&made);
    let shown = Shown::of(&made).await;
    let mut answers = shown.answers(&view, true).await;
    answers.extend(shown.analyses(true).await);
    answers.extend(shown.lines(true).await);
    answers.extend(shown.api().await);
    fail_where(&Check::all(&made, &view, &answers).wrong);
    // Another digit in what a chart, a text or a file says of an amount.
    let mut lies = 0;
    let mut absent = Vec::new();
    for (name, parts) in [
        (
            "flow.option",
            &[
                "\"text\":\"Recette 01  ",
                "\"text\":\"Produits ",
                "\"tip\":{\"title\":\"Recette 01\",\"rows\":[[\"\",\"",
            ][..],
        ),
        ("result.option", &["[\"Résultat\",\"", "\"texts\":{\""]),
        (
            "steps.option",
            &["\"title\":\"Poste 02\",\"rows\":[[\"\",\""],
        ),
        (
            "changes.option",
            &["\"title\":\"Dépense 01 (Charges)\",\"rows\":[[\"2023\",\""],
        ),
        ("categories.option", &["[\"Poste 01\",\""]),
        (
            "operating.option",
            &["[\"Marge\",\"", "[\"Produits de l’activité\",\""],
        ),
        ("flow.svg", &[". Produits\u{a0}: ", ">Recette 01  "]),
        ("result.svg", &["Résultat\u{a0}: 2021, "]),
        ("steps.svg", &["Poste 02\u{a0}: "]),
        ("changes.svg", &["Dépense 01 (Charges)\u{a0}: "]),
        ("categories.svg", &["Poste 01\u{a0}: "]),
        ("flow.csv", &["Recette 01,"]),
        ("categories.csv", &["2022,Poste 01,"]),
        ("result.json", &["\"revenue\":\""]),
        ("steps.xlsx", &["revenue,,"]),
        ("steps.parquet", &["revenue,,"]),
        (
            "dashboard.html",
            &["Résultat\u{a0}: 2021, ", "Provenance\u{a0}: "],
        ),
        ("browser.html", &["\"text\":\"Produits "]),
        ("embed.html", &["Produits\u{a0}: "]),
        ("home.html", &["<span class=\"amount\">", "<strong>"]),
        (
            "report.json",
            &[
                "\"figures\":[{\"label\":\"Produits 2024\",\"value\":\"",
                "\"totals\":[[{\"text\":\"Total\",\"gloss\":\"\",\"strong\":false},{\"text\":\"",
                "\"summary\":[\"En 2024, ",
            ],
        ),
        ("analysis/yearly-result.html", &["counted=yes\""]),
        ("analysis/yearly-result.csv", &["2021,,"]),
        ("analysis/expense-by-category.csv", &["2022,Poste 01,"]),
        ("analysis/operating-profitability.csv", &["2021,,"]),
        ("analysis/completeness.csv", &["2021,"]),
        ("analysis/yearly-result.parquet", &["2021,,"]),
        (
            "api/leaf/yearly-result.json",
            &["\"revenue\":\"", "\"result\":\""],
        ),
        ("api/naive/yearly-result.json", &["\"expense\":\""]),
        ("api/leaf/expense-by-category.csv", &["2022,Poste 01,"]),
        ("api/lines/000.json", &["\"amount\":\""]),
        ("api/lines/001.csv", &["Dépense 02,unknown,line,,"]),
        ("flow.csv", &["doubts\n"]),
        ("analysis/yearly-result.csv", &["doubts\n"]),
        ("api/lines/000.json", &["\"siren\":\""]),
        ("lines/all.csv", &["Recette 01,unknown,line,,"]),
        ("lines/all.parquet", &["Dépense 02,unknown,line,,"]),
        ("lines/all.xlsx", &["Dépense 02,unknown,line,,"]),
        ("lines/page.html", &["<td class=\"num\">"]),
    ] {
        let text = &answers[name];
        for part in parts {
            let Some(start) = text.find(part).map(|at| at + part.len()) else {
                absent.push(format!("{name}: {part}"));
                continue;
            };
            let digit = digits_of(&text[start..])[0] + start;
            let other = if text.as_bytes()[digit] == b'7' {
                "3"
            } else {
                "7"
            };
            let mut lying = answers.clone();
            let mut text = text.clone();
            text.replace_range(digit..=digit, other);
            lying.insert(name.to_owned(), text);
            let tally = Check::all(&made, &view, &lying);
            assert!(
                !tally.wrong.is_empty(),
                "a lie in {name} after «{part}» was not noticed"
            );
            lies += 1;
        }
    }
    assert!(absent.is_empty(), "nothing of this is said: {absent:#?}");
    eprintln!("{lies} lies were noticed");
}
