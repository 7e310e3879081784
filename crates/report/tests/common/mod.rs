//! A statement made by hand, and what is in a PDF.

use std::collections::BTreeMap;

use centime_accounts::label::Match;
use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{Activity, Centimes, FiscalYear, Role, Side, YearStatus};
use centime_analytics::{
    ANALYSES, Analysis, Basis, Cell, Inhabitants, Language, Table, analyses, columns,
};
use centime_render::Locale;
use centime_render::dashboard::{Query, Statement, ViewRequest};
use centime_render::draw::spec::Break;
use centime_render::report::{Report, Source, report};
use centime_warehouse::lines::{Choices, Line};
use centime_warehouse::quality::SeriesBreak;
use centime_warehouse::{Body, Dataset, Revision, Subject};
use lopdf::{Dictionary, Document, Object};

/// A statement whose lines are all that is known of it, besides the results of its years.
pub struct Made {
    pub body: Body,
    pub revision: Revision,
    pub datasets: Vec<Dataset>,
    pub lines: Vec<Line>,
    /// How many inhabitants there are.
    pub inhabitants: Inhabitants,
    choices: Choices,
    marts: BTreeMap<&'static str, Table>,
}

/// A line of an amount in centimes; `None` for one that was not published.
pub fn line(year: u16, side: Side, category: &str, label: &str, amount: Option<i64>) -> Line {
    Line {
        siren: "217500016".to_owned(),
        record: 1,
        fiscal_year: FiscalYear::new(year),
        nomenclature: Nomenclature::by_code("M57"),
        side: Some(side),
        activity: Some(Activity::Operating),
        block: None,
        category: category.to_owned(),
        code: None,
        label: label.to_owned(),
        published_category: category.to_owned(),
        published_label: label.to_owned(),
        matched: Match::Unknown,
        role: Role::Line,
        parent: None,
        harmonised: None,
        amount: amount.map(Centimes::new),
        counted: amount.is_some(),
        missing: amount.is_none(),
        nil: false,
    }
}

impl Made {
    pub fn new(lines: Vec<Line>) -> Self {
        let mut years: Vec<FiscalYear> = lines.iter().map(|line| line.fiscal_year).collect();
        years.sort_unstable_by(|one, other| other.cmp(one));
        years.dedup();
        let empty = |analysis: &Analysis| Table {
            columns: analysis.model.columns.to_vec(),
            rows: Vec::new(),
        };
        let mut marts: BTreeMap<&'static str, Table> = ANALYSES
            .iter()
            .map(|analysis| (analysis.model.name, empty(analysis)))
            .collect();
        let results = marts.get_mut("yearly_result").unwrap();
        for year in years.iter().rev() {
            let of_year = |side: Side| -> Option<Centimes> {
                lines
                    .iter()
                    .filter(|line| line.fiscal_year == *year && line.side == Some(side))
                    .map(|line| line.amount)
                    .sum()
            };
            let (revenue, expense) = (of_year(Side::Revenue), of_year(Side::Expense));
            let result = revenue
                .zip(expense)
                .map(|(revenue, expense)| revenue - expense);
            let row = results
                .columns
                .iter()
                .map(|column| match column.name {
                    columns::FISCAL_YEAR => Cell::Year(*year),
                    columns::NOMENCLATURE => Cell::Text("M57".to_owned()),
                    columns::REVENUE => revenue.into(),
                    columns::EXPENSE => expense.into(),
                    columns::RESULT => result.into(),
                    columns::STATUS => Cell::Status(if result.is_some() {
                        YearStatus::Complete
                    } else {
                        YearStatus::Incomplete
                    }),
                    _ => Cell::Null,
                })
                .collect();
            results.rows.push(row);
        }
        let mut categories: Vec<String> = lines.iter().map(|line| line.category.clone()).collect();
        categories.dedup();
        Self {
            body: Body {
                siren: "217500016".to_owned(),
                name: "Ville d’essai".to_owned(),
                budget: None,
                first_year: years.last().copied().unwrap_or(FiscalYear::MIN),
                last_year: years.first().copied().unwrap_or(FiscalYear::MIN),
                lines: i64::try_from(lines.len()).unwrap(),
                sample: false,
            },
            revision: Revision {
                id: 7,
                published_at: "2026-03-04T05:06:07Z".to_owned(),
                portal: "https://data.example.fr".to_owned(),
                sample: false,
                fingerprint: "f1".repeat(32),
            },
            datasets: vec![Dataset {
                subject: Subject::IncomeStatement,
                source: 1,
                first_record: 1,
                name: None,
                portal: "https://example.org".to_owned(),
                sample: false,
                dataset_id: "compte-de-resultat".to_owned(),
                title: "Compte de résultat".to_owned(),
                publisher: Some("Ville d’essai".to_owned()),
                license: Some("Licence ouverte".to_owned()),
                license_url: Some("javascript:alert(1)".to_owned()),
                records: 3,
                data_processed: None,
                modified: None,
                retrieved_at: "2026-03-04T05:00:00Z".to_owned(),
                retrieved_via: centime_warehouse::RetrievalMethod::Export,
                content_hash: "0".repeat(64),
                filter: None,
                reading: None,
            }],
            choices: Choices {
                fiscal_years: years,
                categories,
                activities: vec![Activity::Operating],
            },
            lines,
            inhabitants: Inhabitants::default(),
            marts,
        }
    }

    /// With what the balance sheet of a year says, and what its lines give.
    pub fn reconciled(&mut self, year: u16, published: Option<i64>, leaf: Option<i64>) {
        let mart = self.marts.get_mut("reconciliation").unwrap();
        let amount = |value: Option<i64>| value.map(Centimes::new).into();
        let of = |name| match name {
            columns::FISCAL_YEAR => Cell::Year(FiscalYear::new(year)),
            columns::PUBLISHED_RESULT => amount(published),
            columns::LEAF_RESULT => amount(leaf),
            columns::DIFFERENCE => amount(
                leaf.zip(published)
                    .map(|(leaf, published)| leaf - published),
            ),
            columns::STATUS => Cell::Status(YearStatus::Different),
            _ => Cell::Null,
        };
        let row = mart.columns.iter().map(|column| of(column.name)).collect();
        mart.rows.push(row);
    }

    /// The report of a view.
    pub fn report(&self, language: Language, request: ViewRequest) -> Report {
        let query = Query::new(request, self, &self.lines).unwrap();
        let address = format!("https://example.fr{}", query.at("/dashboard"));
        report(&Source {
            statement: self,
            body: &self.body,
            revision: &self.revision,
            datasets: &self.datasets,
            unpublished: &[],
            lines: &self.lines,
            query: &query,
            locale: Locale::of(language),
            address: Some(&address),
        })
    }

    /// The same, set on pages.
    pub fn pdf(&self, language: Language, request: ViewRequest) -> Vec<u8> {
        centime_report::pdf(&self.report(language, request)).unwrap()
    }
}

impl Statement for Made {
    fn table(&self, analysis: &Analysis, _basis: Basis) -> &Table {
        &self.marts[analysis.model.name]
    }

    fn choices(&self) -> &Choices {
        &self.choices
    }

    fn breaks(&self, _locale: &Locale) -> Vec<Break> {
        Vec::new()
    }

    fn series_breaks(&self) -> &[SeriesBreak] {
        &[]
    }

    fn parameter(&self) -> Option<(&'static str, &str)> {
        None
    }

    fn inhabitants(&self) -> Option<&Inhabitants> {
        Some(&self.inhabitants)
    }
}

/// A few years with all kinds of figures.
pub fn usual() -> Made {
    assert_eq!(
        analyses::yearly_result::ANALYSIS.model.name,
        "yearly_result"
    );
    let mut lines = Vec::new();
    for (year, factor) in [(2022, 100), (2023, 103), (2024, 99)] {
        let amount = |base: i64| Some(base * factor + 1);
        lines.push(line(
            year,
            Side::Revenue,
            "PRODUITS",
            "Impôts",
            amount(12_345_678),
        ));
        lines.push(line(
            year,
            Side::Expense,
            "CHARGES",
            "Personnel",
            amount(7_654_321),
        ));
        lines.push(line(
            year,
            Side::Expense,
            "CHARGES",
            "Achats",
            amount(5_000_000),
        ));
        lines.push(line(
            year,
            Side::Expense,
            "INTÉRÊTS",
            "Intérêts",
            amount(10_007),
        ));
    }
    lines.reverse();
    Made::new(lines)
}

/// A PDF as a reader of documents sees it.
pub struct Pdf(pub Document);

impl Pdf {
    pub fn read(bytes: &[u8]) -> Self {
        Self(Document::load_mem(bytes).unwrap())
    }

    pub fn pages(&self) -> usize {
        self.0.get_pages().len()
    }

    /// All text, without the spaces that only layout has.
    pub fn text(&self) -> String {
        let pages: Vec<u32> = self.0.get_pages().into_keys().collect();
        squeezed(&self.0.extract_text(&pages).unwrap())
    }

    /// The text of each page, without the spaces that only layout has.
    pub fn texts(&self) -> Vec<String> {
        let pages = self.0.get_pages().into_keys();
        let text = |page| squeezed(&self.0.extract_text(&[page]).unwrap());
        pages.map(text).collect()
    }

    /// The lines of text of all pages, as they are set.
    pub fn lines(&self) -> Vec<String> {
        let pages: Vec<u32> = self.0.get_pages().into_keys().collect();
        let text = self.0.extract_text(&pages).unwrap();
        text.lines().map(squeezed).collect()
    }

    /// An attached file.
    pub fn attached(&self, wanted: &str) -> String {
        let named = |it: &&Dictionary| {
            let name = it.get(b"F").and_then(Object::as_str);
            name.is_ok_and(|name| name == wanted.as_bytes())
        };
        let found = self.dictionaries().find(named).unwrap();
        let streams = self.resolved(found.get(b"EF").unwrap()).as_dict().unwrap();
        let stream = self
            .resolved(streams.get(b"F").unwrap())
            .as_stream()
            .unwrap();
        let plain = stream.decompressed_content();
        String::from_utf8(plain.unwrap_or_else(|_| stream.content.clone())).unwrap()
    }

    pub fn catalog(&self) -> &Dictionary {
        self.0.catalog().unwrap()
    }

    /// The description of the document in XMP.
    pub fn metadata(&self) -> String {
        let stream = self.resolved(self.catalog().get(b"Metadata").unwrap());
        let content = &stream.as_stream().unwrap();
        let plain = content.decompressed_content();
        String::from_utf8(plain.unwrap_or_else(|_| content.content.clone())).unwrap()
    }

    pub fn resolved<'a>(&'a self, object: &'a Object) -> &'a Object {
        self.0.dereference(object).unwrap().1
    }

    /// Every object of a kind that dictionaries say in `/S` or `/Type`.
    pub fn dictionaries(&self) -> impl Iterator<Item = &Dictionary> {
        self.0.objects.values().filter_map(|object| match object {
            Object::Dictionary(dictionary) => Some(dictionary),
            Object::Stream(stream) => Some(&stream.dict),
            _ => None,
        })
    }

    pub fn tagged(&self, tag: &str) -> Vec<&Dictionary> {
        let is = |dictionary: &&Dictionary| {
            dictionary
                .get(b"S")
                .and_then(Object::as_name)
                .is_ok_and(|name| name == tag.as_bytes())
        };
        self.dictionaries().filter(is).collect()
    }
}

/// A text without any white space.
pub fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace())
        .collect()
}
