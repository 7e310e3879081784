//! Which category a line belongs to is said once: the rule in Rust, the marts, the views of the dashboard and the
//! lines that pages lead to are held against each other, over the sample edition, invented statements and the handed
//! cases.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use axum::Router;
use axum::http::Method;
use centime_accounts::grouping::{Grouping, UNDETAILED, UNRECOGNISED};
use centime_accounts::{Centimes, FiscalYear, Role, Side};
use centime_analytics::{Basis, Cell, Selection, Table, analyses, columns, views};
use centime_pipeline::BodyName;
use centime_server::Site;
use centime_warehouse::lines::Line;
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};
use tempfile::TempDir;

use crate::common::invented::{undetailed, unrecognised};
use crate::common::{Bench, often_asked, send, statement, text};

/// A statement of more years has more links than there is time to follow.
const MANY_YEARS: usize = 12;

/// A published statement of one body.
struct Case {
    name: String,
    site: Router,
    warehouse: Warehouse,
    _folder: TempDir,
}

/// The amounts of a year's categories; `None` where one is not known.
type Amounts = BTreeMap<(FiscalYear, String), Option<i64>>;

async fn publish(name: &str, records: &[String]) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let url: DatabaseUrl = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let body = BodyName {
        siren: "217599999".to_owned(),
        name: "Commune d’Essai".to_owned(),
    };
    statement::publish_records(&warehouse, records.iter().map(String::as_str), Some(body)).await;
    Case {
        name: name.to_owned(),
        site: Site::new(warehouse.clone()).router(),
        warehouse,
        _folder: folder,
    }
}

/// The handed cases that are statements of one body, where they lie beside the project.
async fn handed() -> Vec<Case> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    if !shared.is_dir() {
        centime_test_input::skipped(
            "the handed cases",
            &format!("there are none in {}", shared.display()),
        );
        return Vec::new();
    }
    let mut cases = Vec::new();
    for name in [
        "clean/portal",
        "odd-amounts/a-one-year",
        "odd-amounts/b-all-zero",
        "odd-amounts/c-all-negative",
        "odd-amounts/d-thirty-years-signs",
        "odd-amounts/e-sixty-categories",
        "renamed-category/portal-2",
        "real-cfu",
        "real-cfu-as-printed",
    ] {
        let file = shared.join(name).join("compte-de-resultat/records.jsonl");
        let records = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let records: Vec<String> = records.lines().map(str::to_owned).collect();
        cases.push(publish(name, &records).await);
    }
    cases
}

async fn all() -> Vec<Case> {
    let bench = Bench::new(often_asked(centime_access::Mode::Public)).await;
    let sample = Case {
        name: "sample".to_owned(),
        site: bench.site.router(),
        warehouse: bench.warehouse.clone(),
        _folder: bench.folder,
    };
    let mut cases = vec![
        sample,
        publish("a total of several categories", &undetailed()).await,
        publish("labels that are not recognised", &unrecognised()).await,
    ];
    cases.extend(handed().await);
    cases
}

impl Case {
    async fn lines(&self) -> (i64, String, Vec<Line>) {
        let revision = self.warehouse.published().await.unwrap().unwrap().id;
        let body = self.warehouse.only_body(revision).await.unwrap().unwrap();
        let lines = self
            .warehouse
            .statement(revision, &body.siren)
            .await
            .unwrap();
        (revision, body.siren, lines)
    }

    async fn page(&self, address: &str) -> String {
        let response = send(&self.site, &Method::GET, address, &[], "").await;
        let status = response.status();
        let page = text(response).await;
        assert_eq!(status, 200, "{}: {address}: {page}", self.name);
        page
    }
}

/// What the rule says, added up as plainly as can be.
fn by_rule(lines: &[Line], side: Side, grouping: Grouping, basis: Basis) -> Amounts {
    let stands_in = |line: &Line| {
        line.counted
            && matches!(line.role, Role::Total | Role::Heading)
            && line.harmonised.as_deref() == Some(UNDETAILED)
    };
    let compared = basis == Basis::Leaf && grouping == Grouping::Harmonised;
    let undetailed: BTreeSet<(FiscalYear, &str)> = lines
        .iter()
        .filter(|line| compared && stands_in(line))
        .map(|line| (line.fiscal_year, line.category.as_str()))
        .collect();
    let mut amounts = Amounts::new();
    let mut unknown = BTreeSet::new();
    for line in lines.iter().filter(|line| line.side == Some(side)) {
        let key = (line.fiscal_year, grouping.of(line).to_owned());
        let is_empty = !line.counted && !line.nil && !line.missing;
        let is_hidden = undetailed.contains(&(line.fiscal_year, &line.category))
            && is_empty
            && matches!(line.role, Role::Line | Role::Subtotal)
            && line.harmonised.is_some();
        let amount = match (basis, line.amount) {
            (Basis::Leaf, _) if line.missing || is_hidden => {
                unknown.insert(key.clone());
                None
            }
            (Basis::Leaf, Some(amount)) if line.counted => Some(amount.get()),
            (Basis::Leaf, None) if line.nil => Some(0),
            (Basis::Naive, Some(amount)) => Some(amount.get()),
            _ => continue,
        };
        let sum = amounts.entry(key).or_insert(Some(0));
        *sum = sum.zip(amount).map(|(sum, amount)| sum + amount);
    }
    for key in unknown {
        amounts.insert(key, None);
    }
    amounts
}

fn of_table(table: &Table, category: centime_analytics::ColumnName) -> Amounts {
    let of_row = |row: &Vec<Cell>| {
        let year = table.cell(row, columns::FISCAL_YEAR).year().unwrap();
        let name = table.cell(row, category).text().unwrap().to_owned();
        let amount = table.cell(row, columns::AMOUNT).amount();
        ((year, name), amount.map(Centimes::get))
    };
    table.rows.iter().map(of_row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn marts_and_views_group_lines_as_the_rule_does() {
    let mut odd = BTreeSet::new();
    for case in all().await {
        let (revision, siren, lines) = case.lines().await;
        for side in Side::ALL {
            let amounts = by_rule(&lines, side, Grouping::Harmonised, Basis::Leaf);
            odd.extend(amounts.into_keys().map(|(_, group)| group));
        }
        for (analysis, column, grouping, bases) in [
            (
                &analyses::expense_by_category::ANALYSIS,
                columns::CATEGORY,
                Grouping::Published,
                // A plain script takes categories as they are written.
                &[Basis::Leaf][..],
            ),
            (
                &analyses::expense_by_harmonised_category::ANALYSIS,
                columns::HARMONISED_CATEGORY,
                Grouping::Harmonised,
                &Basis::ALL[..],
            ),
        ] {
            for basis in bases {
                let mart = case
                    .warehouse
                    .mart(&analysis.model, revision, &siren, *basis)
                    .await
                    .unwrap();
                assert_eq!(
                    of_table(&mart, column),
                    by_rule(&lines, Side::Expense, grouping, *basis),
                    "{}: {} {basis}",
                    case.name,
                    analysis.name()
                );
                let selection = Selection {
                    grouping,
                    basis: *basis,
                    ..Selection::whole(FiscalYear::ALL, FiscalYear::MIN, FiscalYear::MIN)
                };
                let view = views::categories(&lines, &selection);
                for name in [columns::SHARE, columns::STATUS] {
                    let cells = |table: &Table, category| -> BTreeMap<(FiscalYear, String), Cell> {
                        let key = |row: &Vec<Cell>| {
                            let year = table.cell(row, columns::FISCAL_YEAR).year().unwrap();
                            (year, table.cell(row, category).text().unwrap().to_owned())
                        };
                        let rows = table.rows.iter();
                        rows.map(|row| (key(row), table.cell(row, name).clone()))
                            .collect()
                    };
                    // The naive basis has no status in views: nothing is checked.
                    if name == columns::SHARE || *basis == Basis::Leaf {
                        let (view, mart) = (cells(&view, columns::CATEGORY), cells(&mart, column));
                        assert_eq!(view, mart, "{}: {name} {basis}", case.name);
                    }
                }
            }
        }
        for side in Side::ALL {
            for grouping in Grouping::ALL {
                for basis in Basis::ALL {
                    let selection = Selection {
                        side: Some(side),
                        grouping,
                        basis,
                        ..Selection::whole(FiscalYear::ALL, FiscalYear::MIN, FiscalYear::MIN)
                    };
                    assert_eq!(
                        of_table(&views::categories(&lines, &selection), columns::CATEGORY),
                        by_rule(&lines, side, grouping, basis),
                        "{}: {side} {} {basis}",
                        case.name,
                        grouping.name()
                    );
                }
            }
        }
    }
    for code in [UNDETAILED, UNRECOGNISED] {
        assert!(odd.contains(code), "{code}");
    }
}

/// The addresses in a page that begin so, as they are asked for.
fn addresses(page: &str, path: &str) -> BTreeSet<String> {
    let links = page.split("href=\"").skip(1);
    let links = links.filter_map(|rest| rest.split('"').next());
    links
        .filter(|link| link.starts_with(path))
        .map(|link| link.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

fn parameters(address: &str) -> BTreeMap<String, String> {
    let (_, query) = address.split_once('?').unwrap_or((address, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_encoding::percent_decode_str(&text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// The sum of the lines of an address, from its CSV.
async fn sum_of_lines(case: &Case, address: &str) -> i64 {
    let csv = case
        .page(&address.replacen("/lines?", "/lines.csv?", 1))
        .await;
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let headings = reader.headers().unwrap().clone();
    let at = headings.iter().position(|name| name == "amount").unwrap();
    let mut sum = 0;
    for record in reader.records() {
        let record = record.unwrap();
        if !record[at].is_empty() {
            sum += Centimes::parse(&record[at]).unwrap().amount.get();
        }
    }
    sum
}

/// The same, read once for each address.
async fn known_sum(sums: &mut HashMap<String, i64>, case: &Case, address: &str) -> i64 {
    if let Some(sum) = sums.get(address) {
        return *sum;
    }
    let sum = sum_of_lines(case, address).await;
    sums.insert(address.to_owned(), sum);
    sum
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_each_category_leads_to_lines_that_add_up_to_it() {
    for case in all().await {
        let (_, _, lines) = case.lines().await;
        let years: BTreeSet<FiscalYear> = lines.iter().map(|line| line.fiscal_year).collect();
        if years.len() > MANY_YEARS {
            continue;
        }
        // Pages of several views lead to the same lines.
        let mut sums: HashMap<String, i64> = HashMap::new();
        for side in Side::ALL {
            for grouping in Grouping::ALL {
                for basis in Basis::ALL {
                    let view = format!(
                        "/dashboard?side={side}&grouping={}&basis={basis}",
                        grouping.name()
                    );
                    let expected = by_rule(&lines, side, grouping, basis);
                    let page = case.page(&view).await;
                    let mut reached = BTreeSet::new();
                    for link in addresses(&page, "/lines?") {
                        let asked = parameters(&link);
                        let of = |name: &str| asked.get(name).map(String::as_str);
                        let group = match (grouping, side) {
                            (Grouping::Published, _) => of("category"),
                            (Grouping::Harmonised, Side::Revenue) => {
                                of("harmonised").or(of("activity"))
                            }
                            (Grouping::Harmonised, Side::Expense) => of("harmonised"),
                        };
                        let (Some(group), Some(year)) = (group, of("year")) else {
                            continue;
                        };
                        if of("q").or(of("label")).is_some() || of("side") != Some(side.name()) {
                            continue;
                        }
                        let key = (year.parse::<FiscalYear>().unwrap(), group.to_owned());
                        let Some(Some(amount)) = expected.get(&key) else {
                            panic!("{}: {link} is of no category that is known", case.name);
                        };
                        assert_eq!(
                            known_sum(&mut sums, &case, &link).await,
                            *amount,
                            "{}: {link}",
                            case.name
                        );
                        reached.insert(key);
                    }
                    let known = expected.iter().filter(|(_, amount)| amount.is_some());
                    let known: BTreeSet<(FiscalYear, String)> =
                        known.map(|(key, _)| key.clone()).collect();
                    assert_eq!(reached, known, "{}: {view}", case.name);
                    // Into each category, too.
                    let into = addresses(&page, "/dashboard?").into_iter();
                    let into: Vec<String> =
                        into.filter(|link| link.contains("category=")).collect();
                    assert!(!into.is_empty(), "{}: {view}", case.name);
                    for link in into {
                        case.page(&link).await;
                    }
                }
            }
        }
        for analysis in ["expense-by-category", "expense-by-harmonised-category"] {
            for basis in Basis::ALL {
                let page = case
                    .page(&format!("/analyses/{analysis}?basis={basis}"))
                    .await;
                let of = |grouping| by_rule(&lines, Side::Expense, grouping, basis);
                let (harmonised, published) = (of(Grouping::Harmonised), of(Grouping::Published));
                for link in addresses(&page, "/lines?") {
                    let asked = parameters(&link);
                    let grouping = if asked.contains_key("harmonised") {
                        Grouping::Harmonised
                    } else {
                        Grouping::Published
                    };
                    let Some(group) = asked.get("harmonised").or(asked.get("category")) else {
                        continue;
                    };
                    let key = (asked["year"].parse::<FiscalYear>().unwrap(), group.clone());
                    let expected = match grouping {
                        Grouping::Harmonised => &harmonised,
                        Grouping::Published => &published,
                    };
                    let amount = expected.get(&key).copied().flatten();
                    let amount = amount.unwrap_or_else(|| panic!("{}: {link}", case.name));
                    assert_eq!(
                        known_sum(&mut sums, &case, &link).await,
                        amount,
                        "{}: {link}",
                        case.name
                    );
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_recognised_can_be_asked_for_and_has_a_name() {
    let case = publish("not recognised", &unrecognised()).await;
    let page = case
        .page(&format!(
            "/lines?side=expense&harmonised={UNRECOGNISED}&lang=fr"
        ))
        .await;
    assert!(page.contains("Redevance inconnue"), "{page}");
    assert!(!page.contains("Achats et charges externes"), "{page}");
    // The financial activity of revenue is not the comparable category of expense of that name.
    let page = case
        .page("/dashboard?side=revenue&grouping=harmonised&lang=fr")
        .await;
    assert!(page.contains("Produits financiers"), "{page}");
    assert!(!page.contains("Charges financières"), "{page}");
}
