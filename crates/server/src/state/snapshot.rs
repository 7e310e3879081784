//! What is held in memory of a revision and of its public bodies. A revision never changes, so each
//! is read once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use centime_accounts::FiscalYear;
use centime_analytics::accounts::Books;
use centime_analytics::{
    Analysis, Basis, Catalogue, Cell, Inhabitants, Table, analyses, columns, rows,
};
use centime_render::Locale;
use centime_render::draw::spec::Break;
use centime_render::provenance::identity::{Figures, Known};
use centime_render::provenance::source;
use centime_warehouse::accounts::AccountYear;
use centime_warehouse::doubt::{Doubt, Findings};
use centime_warehouse::everybody::Span;
use centime_warehouse::lines::{Choices, Filter, Line, Order};
use centime_warehouse::quality::{
    BalanceShift, BalanceTotals, BreakKind, ParentCheck, SeriesBreak, Unpublished,
};
use centime_warehouse::{Body, CheckResult, Dataset, Result, Revision, Warehouse};

use tokio::sync::OnceCell;

use centime_render::dashboard::REVISION;
use centime_render::link;

/// How many unrecognised lines are shown by name.
const UNKNOWN_SHOWN: i64 = 200;

/// What a body takes besides its lines and the rows of its analyses, in bytes.
const BESIDES: usize = 32 << 10;

/// What each text takes besides its letters, in bytes: allocators round up.
const ROUNDED: usize = 16;

/// How much a line takes in memory, roughly, in bytes.
fn line_bytes(line: &Line) -> usize {
    let always = [
        &line.siren,
        &line.category,
        &line.label,
        &line.published_category,
        &line.published_label,
    ];
    let sometimes = [&line.block, &line.code, &line.parent, &line.harmonised];
    let texts = always.into_iter().chain(sometimes.into_iter().flatten());
    size_of::<Line>() + texts.map(|text| text.len() + ROUNDED).sum::<usize>()
}

/// How much accounts and indicators take in memory, roughly, in bytes.
fn books_bytes(books: &Books) -> usize {
    let accounts = books.accounts.iter().map(|account| {
        let texts = [
            Some(&account.siren),
            Some(&account.account),
            account.title.as_ref(),
            account.line.as_ref(),
        ];
        let texts = texts.into_iter().flatten();
        size_of_val(account) + texts.map(|text| text.len() + ROUNDED).sum::<usize>()
    });
    let indicators = books.indicators.iter().map(|one| {
        let texts = [&one.siren, &one.indicator].into_iter().chain(&one.missing);
        size_of_val(one) + texts.map(|text| text.len() + ROUNDED).sum::<usize>()
    });
    accounts.sum::<usize>() + indicators.sum::<usize>()
}

/// A published revision, whichever its public bodies; or what there is of it about one of them.
#[derive(Clone, Debug)]
pub struct Published {
    pub revision: Revision,
    pub datasets: Vec<Dataset>,
    pub checks: Vec<CheckResult>,
    /// What they found that touches figures.
    pub findings: Arc<Findings>,
    /// The public body, where there is just one.
    pub only: Option<Body>,
    /// The analyses there are of it.
    pub catalogue: Catalogue,
    /// Whether addresses have to name it, because another one is what readers see.
    superseded: bool,
}

impl Published {
    /// Reads what a revision says of itself.
    pub async fn load(
        warehouse: &Warehouse,
        revision: Revision,
        catalogue: Catalogue,
    ) -> Result<Self> {
        let checks = warehouse.checks(revision.id).await?;
        Ok(Self {
            catalogue,
            datasets: warehouse.datasets(revision.id).await?,
            findings: Arc::new(Findings::of(&checks)),
            checks,
            only: warehouse.only_body(revision.id).await?,
            revision,
            superseded: false,
        })
    }

    /// What there is of it about one body: the datasets that have records of it, and whether its figures are invented.
    async fn about(self: Arc<Self>, warehouse: &Warehouse, body: &Body) -> Result<Arc<Self>> {
        let id = self.revision.id;
        let datasets = warehouse
            .datasets_of(id, &body.siren, &self.datasets)
            .await?;
        if datasets.len() == self.datasets.len() && body.sample == self.revision.sample {
            return Ok(self);
        }
        let revision = Revision {
            sample: body.sample,
            ..self.revision.clone()
        };
        Ok(Arc::new(Self {
            revision,
            datasets,
            ..(*self).clone()
        }))
    }

    /// Whether addresses have to name it.
    pub const fn is_superseded(&self) -> bool {
        self.superseded
    }

    /// The same, as one that addresses have to name.
    #[must_use]
    pub fn superseded(mut self) -> Self {
        self.superseded = true;
        self
    }
}

/// A public body in a published revision.
#[derive(Debug)]
pub struct Snapshot {
    pub published: Arc<Published>,
    pub body: Body,
    pub choices: Choices,
    pub parents: Vec<ParentCheck>,
    pub unpublished: Vec<Unpublished>,
    pub shifts: Vec<BalanceShift>,
    pub balance_totals: Vec<BalanceTotals>,
    pub unknown: Vec<Line>,
    /// What the checks cast doubt on.
    pub doubts: Vec<Doubt>,
    breaks: Vec<SeriesBreak>,
    /// The years whose accounts are known, the latest first.
    pub account_years: Vec<AccountYear>,
    /// How many inhabitants it has.
    pub inhabitants: Inhabitants,
    /// Whether aggregates of it are known.
    pub has_aggregates: bool,
    /// All budgets of the body that it is one of, the main one first; none where there is no other.
    pub budgets: Vec<Body>,
    /// All lines, read when they are first asked for.
    lines: OnceCell<Vec<Line>>,
    /// All accounts and indicators, read when they are first asked for.
    books: OnceCell<Books>,
    marts: HashMap<(&'static str, Basis), Table>,
}

impl Snapshot {
    /// Reads all of a body.
    pub async fn load(
        warehouse: &Warehouse,
        published: Arc<Published>,
        body: Body,
    ) -> Result<Self> {
        let id = published.revision.id;
        let siren = body.siren.as_str();
        let mut marts = HashMap::new();
        for analysis in published.catalogue.analyses() {
            for basis in Basis::ALL {
                let table = warehouse.mart(&analysis.model, id, siren, basis).await?;
                marts.insert((analysis.model.name, basis), table);
            }
        }
        let unknown = Filter {
            unknown: true,
            ..Filter::default()
        };
        let unknown = warehouse
            .first_lines(id, siren, &unknown, Order::default(), UNKNOWN_SHOWN)
            .await?;
        let choices = warehouse.choices(id, siren).await?;
        Ok(Self {
            doubts: published.findings.doubts(siren, &choices.fiscal_years),
            choices,
            parents: warehouse.parent_checks(id, siren).await?,
            unpublished: warehouse.unpublished(id, siren).await?,
            shifts: warehouse.balance_shifts(id, siren).await?,
            balance_totals: warehouse.balance_totals(id, siren).await?,
            breaks: warehouse.series_breaks(id, siren).await?,
            unknown,
            account_years: warehouse
                .account_years(id, &Span::One(siren.to_owned()))
                .await?,
            inhabitants: Inhabitants::load(warehouse, id, siren).await?,
            has_aggregates: warehouse.has_aggregates(id, siren).await?,
            budgets: warehouse.budgets(id, &body).await?,
            lines: OnceCell::new(),
            books: OnceCell::new(),
            marts,
            published: published.about(warehouse, &body).await?,
            body,
        })
    }

    /// All lines of the body, the latest year first.
    pub async fn lines(&self, warehouse: &Warehouse) -> Result<&[Line]> {
        let id = self.published.revision.id;
        let read = || warehouse.statement(id, &self.body.siren);
        Ok(self.lines.get_or_try_init(read).await?)
    }

    /// All lines of the body, if they were asked for before.
    pub fn known_lines(&self) -> Option<&[Line]> {
        self.lines.get().map(Vec::as_slice)
    }

    /// All accounts and indicators of the body.
    pub async fn books(&self, warehouse: &Warehouse) -> Result<&Books> {
        let id = self.published.revision.id;
        let read = || Books::load(warehouse, id, &self.body.siren);
        self.books.get_or_try_init(read).await
    }

    /// The same, if they were asked for before.
    pub fn known_books(&self) -> Option<&Books> {
        self.books.get()
    }

    /// How much it takes in memory, roughly, in bytes.
    pub fn bytes(&self) -> u64 {
        let cells = self.marts.values().flat_map(|table| &table.rows).flatten();
        let cells = cells.map(|cell| {
            let texts = cell.text().into_iter().chain(cell.list());
            size_of::<Cell>() + texts.map(|text| text.len() + ROUNDED).sum::<usize>()
        });
        let lines = self.known_lines().unwrap_or_default();
        let lines = lines.iter().chain(&self.unknown).map(line_bytes);
        let books = self.known_books().map_or(0, books_bytes);
        let budgets = self.budgets.iter().map(|budget| {
            let texts = [&budget.siren, &budget.name];
            size_of::<Body>() + texts.map(|text| text.len() + ROUNDED).iter().sum::<usize>()
        });
        let besides = books + budgets.sum::<usize>() + BESIDES;
        let bytes = cells.sum::<usize>() + lines.sum::<usize>() + besides;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// The body as addresses name it; `None` where there is only one.
    pub fn parameter(&self) -> Option<(&'static str, &str)> {
        let several = self.published.only.is_none();
        several.then_some(("body", self.body.siren.as_str()))
    }

    /// The revision as addresses name it; `None` for the one that readers see.
    pub fn named_revision(&self) -> Option<i64> {
        let published = &self.published;
        published.superseded.then_some(published.revision.id)
    }

    /// What every address and form about this body in this revision carries.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let body = self
            .parameter()
            .map(|(name, siren)| (name, siren.to_owned()));
        let revision = self.named_revision();
        let revision = revision.map(|number| (REVISION, number.to_string()));
        body.into_iter().chain(revision).collect()
    }

    /// An address about this body in this revision.
    pub fn link(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let revision = self.named_revision();
        let revision = revision.map(|number| number.to_string());
        let revision = revision.as_deref().map(|number| (REVISION, number));
        let parameters: Vec<(&str, &str)> = self
            .parameter()
            .into_iter()
            .chain(revision)
            .chain(parameters.iter().copied())
            .collect();
        link::to(path, &parameters)
    }

    /// The same of another budget of the body.
    pub fn link_to_budget(&self, budget: &Body, path: &str) -> String {
        let revision = self
            .named_revision()
            .map(|number| (REVISION, number.to_string()));
        let body = [("body", budget.siren.clone())];
        let parameters: Vec<(&str, String)> = body.into_iter().chain(revision).collect();
        link::to(path, &parameters)
    }

    /// What is said of the figures of the body.
    pub fn identity(&self, locale: &Locale) -> Vec<Known> {
        let figures = Figures {
            body: &self.body,
            revision: &self.published.revision,
            datasets: &self.published.datasets,
            results: self.table(&analyses::yearly_result::ANALYSIS, Basis::Leaf),
        };
        figures.identity(locale)
    }

    /// The analyses there are.
    pub fn catalogue(&self) -> Catalogue {
        self.published.catalogue
    }

    /// One line that says where its figures come from, and under which licence.
    pub fn source(&self, locale: &Locale) -> String {
        let Published {
            revision, datasets, ..
        } = &*self.published;
        source::line(&self.body.name, revision, datasets, locale)
    }

    /// The address of a line. It names the revision, in which alone the number of the record is that of
    /// this line.
    pub fn line(&self, record: i64) -> String {
        let revision = self.published.revision.id.to_string();
        let parameters = self.parameter().into_iter();
        let parameters = parameters.chain([(REVISION, revision.as_str())]);
        link::to(&format!("/lines/{record}"), &parameters.collect::<Vec<_>>())
    }

    /// The rows of an analysis.
    pub fn table(&self, analysis: &Analysis, basis: Basis) -> &Table {
        &self.marts[&(analysis.model.name, basis)]
    }

    /// Lines of the body as rows.
    pub fn rows_of<'a>(&self, lines: impl IntoIterator<Item = &'a Line>) -> Table {
        let complete = self.complete();
        rows::lines(lines, &self.body, |year| complete.contains(&year))
    }

    /// The years in which no amount that is needed is missing.
    fn complete(&self) -> BTreeSet<FiscalYear> {
        rows::complete_years(self.table(&analyses::completeness::ANALYSIS, Basis::Leaf))
    }

    /// The latest year of an analysis, and its first row.
    pub fn latest<'a>(table: &'a Table) -> Option<(FiscalYear, &'a [Cell])> {
        let year = |row: &'a Vec<Cell>| table.cell(row, columns::FISCAL_YEAR).year();
        let latest = table.rows.iter().filter_map(year).max()?;
        let row = table.rows.iter().find(|row| year(row) == Some(latest))?;
        Some((latest, row))
    }

    /// The years that begin a new series, with a word for each.
    pub fn breaks(&self, locale: &Locale) -> Vec<Break> {
        let results = self.table(&analyses::yearly_result::ANALYSIS, Basis::Leaf);
        let nomenclature = |year: FiscalYear| {
            let row = results
                .rows
                .iter()
                .find(|row| results.cell(row, columns::FISCAL_YEAR).year() == Some(year))?;
            results.cell(row, columns::NOMENCLATURE).text()
        };
        let named = |found: &SeriesBreak| Break {
            fiscal_year: found.fiscal_year,
            label: match (found.kind, nomenclature(found.fiscal_year)) {
                (BreakKind::Nomenclature, Some(code)) => code.to_owned(),
                (kind, _) => locale.term("series_break", kind.name()).to_owned(),
            },
        };
        self.breaks.iter().map(named).collect()
    }

    /// The same without words.
    pub fn series_breaks(&self) -> &[SeriesBreak] {
        &self.breaks
    }

    /// The first and last fiscal year, as far as there are lines.
    pub fn period(&self) -> Option<(FiscalYear, FiscalYear)> {
        let years = &self.choices.fiscal_years;
        Some((*years.last()?, *years.first()?))
    }
}
