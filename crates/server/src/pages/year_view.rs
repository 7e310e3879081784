//! What a page says of a fiscal year: its result and since when, what moved it, and what is missing.

use centime_accounts::{Centimes, FiscalYear, Side, YearStatus};
use centime_analytics::statement::address_of;
use centime_analytics::years::{self, Change, Move, YearFigures};
use centime_analytics::{Basis, Cell, Inhabitants, analyses, columns};
use centime_render::dashboard::{PATH as DASHBOARD, change, outcome};
use centime_render::language::format;
use centime_render::language::label::{apart, sentence_case, short_label, with_gloss};
use centime_render::{Locale, inhabitants};
use centime_warehouse::lines::Line;

use crate::pages::view::{key_amount, line_gloss, number, plain_amount, rich};
use crate::pages::witnesses::WitnessesView;
use crate::request::statement_address;
use crate::request::{context::RequestContext, paths};
use crate::state::snapshot::Snapshot;

/// How many lines are shown before the list of all of them.
const SHOWN: usize = 10;

/// The years of a body, and the one that is looked at.
pub struct YearView {
    /// Its result in a sentence.
    pub lead: String,
    /// Since when results have had its sign.
    pub since_when: Option<String>,
    pub ledger: Vec<LedgerRow>,
    /// The inhabitants that amounts are divided by, where they are known.
    pub population: Option<String>,
    pub verdict: Verdict,
    /// What else says what the result is.
    pub witnesses: Option<WitnessesView>,
    pub moved: Moved,
    pub missing: Vec<String>,
    pub missing_link: String,
    pub previous: Option<(String, String)>,
    pub next: Option<(String, String)>,
    pub all: String,
    /// Names of pages about the year, and their addresses.
    pub ways: Vec<(String, String)>,
    pub files_label: String,
    /// Forms of files of its lines, and their addresses.
    pub files: Vec<(&'static str, String)>,
}

pub struct LedgerRow {
    pub class: &'static str,
    pub label: String,
    pub amount: String,
    /// The amount for each inhabitant, where that is known.
    pub each: Option<String>,
    /// The change on the year before, where they can be compared.
    pub change: Option<String>,
}

pub struct Verdict {
    pub class: &'static str,
    pub text: String,
}

/// What moved the result from another year to this one.
pub struct Moved {
    pub heading: String,
    /// Why nothing is compared.
    pub refused: Option<String>,
    pub sentences: Vec<String>,
    pub first: Vec<MoveRow>,
    pub rest: Option<(String, String)>,
    pub all: Vec<MoveRow>,
    pub all_label: String,
    /// The page of the year, the years to compare it with, each with whether it is the one, and what else the form
    /// carries.
    pub action: String,
    pub choices: Vec<(FiscalYear, bool)>,
    pub kept: Vec<(&'static str, String)>,
}

pub struct MoveRow {
    pub link: String,
    pub name: String,
    pub side: String,
    pub class: &'static str,
    pub effect: String,
    pub difference: String,
    pub rate: String,
    pub before_after: String,
}

/// The year that one is compared with where none is asked for.
pub fn before(year: FiscalYear) -> FiscalYear {
    year.previous().unwrap_or(year)
}

/// The years that a year can be compared with, the latest first.
pub fn comparable(known: &[YearFigures], year: FiscalYear) -> Vec<FiscalYear> {
    let earlier = known.iter().map(|known| known.fiscal_year);
    let earlier = earlier.filter(|earlier| *earlier < year);
    let mut earlier: Vec<FiscalYear> = earlier
        .filter(|earlier| years::barrier(known, *earlier, year).is_none())
        .collect();
    earlier.reverse();
    earlier
}

impl YearView {
    /// What is said of a year, compared with another. `lines` are all lines of the body; `None` when they cannot be
    /// read at the moment.
    pub fn new(
        context: &RequestContext,
        snapshot: &Snapshot,
        lines: Option<&[Line]>,
        known: &[YearFigures],
        figures: &YearFigures,
        since: FiscalYear,
    ) -> Self {
        let locale = context.locale;
        let year = figures.fiscal_year;
        let name = year.to_string();
        let of_year = |path: &str| snapshot.link(path, &[("year", &name)]);
        let mut neighbours = known.iter().map(|known| known.fiscal_year);
        let previous = neighbours.clone().rfind(|other| *other < year);
        let next = neighbours.find(|other| *other > year);
        let way = |key: &str, other: FiscalYear| {
            let label = locale.fill(key, &[("year", &other.to_string())]);
            (label, address(snapshot, other))
        };
        let said = |key: &str| locale.fill(key, &[("year", &name)]);
        let mut ways = vec![
            (
                said("year.statement"),
                statement_address::statement(snapshot),
            ),
            (said("year.dashboard"), of_year(DASHBOARD)),
            (said("year.lines"), of_year("/lines")),
        ];
        if context.site.reports().is_some() {
            ways.push((said("year.report"), snapshot.link(paths::REPORT, &[])));
        }
        Self {
            lead: rich(&lead(figures, locale)),
            since_when: outcome::since_when(known, year, locale),
            ledger: ledger(&snapshot.inhabitants, known, figures, locale),
            population: snapshot
                .inhabitants
                .in_year(year)
                .map(|known| inhabitants::said(known, locale)),
            verdict: verdict(snapshot, figures, locale),
            witnesses: WitnessesView::of(snapshot, year, locale),
            moved: Moved::new(snapshot, lines, known, year, since, locale),
            missing: figures
                .missing
                .iter()
                .map(|missing| short_label(missing, locale))
                .collect(),
            missing_link: snapshot.link("/lines", &[("year", &name), ("counted", "missing")]),
            previous: previous.map(|other| way("year.previous", other)),
            next: next.map(|other| way("year.next", other)),
            all: snapshot.link(paths::YEARS, &[]),
            ways,
            files_label: said("year.files"),
            files: ["csv", "xlsx", "json", "parquet"]
                .into_iter()
                .map(|form| (form, of_year(&format!("/lines.{form}"))))
                .collect(),
        }
    }
}

/// The address of the page of a year.
pub fn address(snapshot: &Snapshot, year: FiscalYear) -> String {
    snapshot.link(&format!("{}/{year}", paths::YEARS), &[])
}

/// A year in a sentence: its result, or why there is none.
pub fn lead(figures: &YearFigures, locale: &Locale) -> String {
    let year = figures.fiscal_year;
    if let Some(result) = figures.result {
        return outcome::result_of(year, result, locale);
    }
    one_sided(figures, locale).unwrap_or_else(|| {
        locale.count_and_fill(
            "home.lead_incomplete",
            number(figures.missing.len()),
            &[("year", &year.to_string())],
        )
    })
}

/// Why there is no result where no amount is missing: one of the sides has no line.
fn one_sided(figures: &YearFigures, locale: &Locale) -> Option<String> {
    let mut sides = Side::ALL.into_iter();
    let side = sides.find(|side| figures.total(*side).is_some())?;
    let key = format!("home.one_sided.{side}");
    let year = figures.fiscal_year.to_string();
    (figures.result.is_none() && figures.missing.is_empty())
        .then(|| locale.fill(&key, &[("year", &year)]))
}

fn ledger(
    inhabitants: &Inhabitants,
    known: &[YearFigures],
    figures: &YearFigures,
    locale: &Locale,
) -> Vec<LedgerRow> {
    let year = figures.fiscal_year;
    let earlier = before(year);
    let compared = years::barrier(known, earlier, year)
        .is_none()
        .then(|| years::find(known, earlier))
        .flatten();
    let against = |of: fn(&YearFigures) -> Option<Centimes>| {
        let change = Change::between(of(compared?), of(figures))?;
        Some(against(&change, earlier, locale))
    };
    let row = |class, label: &str, amount: Option<Centimes>, change| LedgerRow {
        class,
        label: label.to_owned(),
        amount: key_amount(amount, locale),
        each: amount
            .and_then(|amount| inhabitants.each(amount, year))
            .map(|each| inhabitants::each(each, locale)),
        change,
    };
    let proof = |label, amount| LedgerRow {
        class: " ledger__row--proof",
        label: locale.text(label).to_owned(),
        amount: plain_amount(amount, locale),
        each: None,
        change: None,
    };
    let result = locale.fill("home.result_of", &[("year", &year.to_string())]);
    vec![
        row(
            "",
            locale.text("column.revenue"),
            figures.revenue,
            against(|year| year.revenue),
        ),
        row(
            "",
            locale.text("column.expense"),
            figures.expense,
            against(|year| year.expense),
        ),
        row(
            " ledger__row--sum",
            &result,
            figures.result,
            against(|year| year.result),
        ),
        proof("home.published_result", figures.published_result),
        proof("column.difference", figures.difference),
    ]
}

/// How much an amount changed on an earlier year.
pub fn against(change: &Change, earlier: FiscalYear, locale: &Locale) -> String {
    let earlier = earlier.to_string();
    if change.difference == Centimes::ZERO {
        return locale.fill("year.unchanged", &[("year", &earlier)]);
    }
    let amount = change::signed_euros(change.difference, locale);
    let rate = change
        .rate
        .and_then(|rate| change::signed_rate(rate, locale));
    let key = if rate.is_some() {
        "year.against"
    } else {
        "year.against_no_rate"
    };
    locale.fill(
        key,
        &[
            ("amount", &amount),
            ("rate", &rate.unwrap_or_default()),
            ("year", &earlier),
        ],
    )
}

/// How the result of a year is held against that of the balance sheet.
fn verdict(snapshot: &Snapshot, figures: &YearFigures, locale: &Locale) -> Verdict {
    let completeness = snapshot.table(&analyses::completeness::ANALYSIS, Basis::Leaf);
    let counts = completeness.rows.iter().find(|row| {
        completeness.cell(row, columns::FISCAL_YEAR).year() == Some(figures.fiscal_year)
    });
    let count = |column| {
        let cell = counts.map(|row| completeness.cell(row, column));
        cell.and_then(Cell::count).unwrap_or_default()
    };
    let unpublished = || locale.text("home.verdict_unpublished").to_owned();
    let (class, text) = match figures.status {
        Some(YearStatus::Reconciled) => (
            "pass",
            locale.count("home.verdict_reconciled", count(columns::COUNTED)),
        ),
        Some(YearStatus::Different) => ("fail", locale.text("home.verdict_different").to_owned()),
        Some(YearStatus::Incomplete) if count(columns::MISSING) == 0 => (
            "warn",
            one_sided(figures, locale).unwrap_or_else(unpublished),
        ),
        Some(YearStatus::Incomplete) => (
            "warn",
            locale.count("home.verdict_incomplete", count(columns::MISSING)),
        ),
        _ => ("warn", unpublished()),
    };
    Verdict { class, text }
}

impl Moved {
    fn new(
        snapshot: &Snapshot,
        lines: Option<&[Line]>,
        known: &[YearFigures],
        year: FiscalYear,
        since: FiscalYear,
        locale: &Locale,
    ) -> Self {
        let texts = [since, year].map(|year| year.to_string());
        let period = [("before", &*texts[0]), ("after", &*texts[1])];
        let choices = comparable(known, year);
        let mut view = Self {
            heading: locale.text("year.moves_short").to_owned(),
            refused: None,
            sentences: Vec::new(),
            first: Vec::new(),
            rest: None,
            all: Vec::new(),
            all_label: String::new(),
            action: format!("{}/{year}", paths::YEARS),
            choices: choices
                .into_iter()
                .map(|choice| (choice, choice == since))
                .collect(),
            kept: snapshot.kept(),
        };
        if known.first().is_some_and(|first| first.fiscal_year == year) {
            view.refused = Some(locale.text("year.no_earlier").to_owned());
            return view;
        }
        if let Some(barrier) = years::barrier(known, since, year) {
            let why = outcome::why(barrier, locale);
            let values = [period[0], period[1], ("why", &*why)];
            view.refused = Some(locale.fill("year.not_comparable", &values));
            return view;
        }
        let Some(lines) = lines else {
            view.refused = Some(locale.text("year.no_lines").to_owned());
            return view;
        };
        view.heading = locale.fill("year.moves", &period);
        let moves = years::moves(lines, since, year);
        view.sentences = sentences(known, &moves, since, year, locale);
        view.all = moves
            .iter()
            .map(|one| MoveRow::new(snapshot, one, year, locale))
            .collect();
        view.all_label = locale.count("year.all_moves", number(moves.len()));
        let (first, rest) = moves.split_at(moves.len().min(SHOWN));
        view.first = first
            .iter()
            .map(|one| MoveRow::new(snapshot, one, year, locale))
            .collect();
        if !rest.is_empty() {
            let effects = rest
                .iter()
                .fold(Centimes::ZERO, |sum, one| sum.saturating_add(one.effect));
            view.rest = Some((
                locale.count("year.rest", number(rest.len())),
                change::signed_euros(effects, locale),
            ));
        }
        view
    }
}

/// What changed between two years, in sentences.
fn sentences(
    known: &[YearFigures],
    moves: &[Move<'_>],
    since: FiscalYear,
    year: FiscalYear,
    locale: &Locale,
) -> Vec<String> {
    let (Some(before), Some(after)) = (years::find(known, since), years::find(known, year)) else {
        return Vec::new();
    };
    let result = Change::between(before.result, after.result)
        .map(|change| change::result_changed(since, year, &change, locale));
    let totals = Side::ALL.into_iter().filter_map(|side| {
        let totals = ((since, before.total(side)?), (year, after.total(side)?));
        change::changed(side, totals.0, totals.1, locale)
    });
    let grew = Side::ALL
        .into_iter()
        .filter_map(|side| change::grew_most(moves, side, locale));
    result
        .into_iter()
        .chain(totals)
        .chain(grew)
        .map(|sentence| rich(&sentence))
        .collect()
}

impl MoveRow {
    fn new(snapshot: &Snapshot, moved: &Move<'_>, year: FiscalYear, locale: &Locale) -> Self {
        let language = locale.language();
        let euros = |amount| format::euros(amount, language);
        let name = apart(&sentence_case(moved.line.label.trim()));
        let name = short_label(&name, locale);
        let before_after = match (moved.before, moved.after) {
            (Some(before), Some(after)) => locale.fill(
                "year.before_after",
                &[("before", &euros(before)), ("after", &euros(after))],
            ),
            (Some(before), None) => locale.fill("year.only_before", &[("before", &euros(before))]),
            (None, after) => locale.fill(
                "year.only_after",
                &[("after", &euros(after.unwrap_or_default()))],
            ),
        };
        let shown_in = if moved.after.is_some() {
            year
        } else {
            moved.line.fiscal_year
        };
        Self {
            link: statement_address::figure(snapshot, &address_of(moved.line), shown_in),
            name: with_gloss(&name, &apart(line_gloss(moved.line, language))),
            side: locale.term("side", moved.side.name()).to_owned(),
            class: if moved.effect.is_negative() {
                "lowers"
            } else {
                "raises"
            },
            effect: change::signed_euros(moved.effect, locale),
            difference: change::signed_euros(moved.difference, locale),
            rate: moved
                .rate
                .and_then(|rate| change::signed_rate(rate, locale))
                .unwrap_or_default(),
            before_after,
        }
    }
}
