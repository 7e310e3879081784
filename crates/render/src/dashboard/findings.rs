//! What a chart shows in a few words, as its title: the amount or the line that stands out, from the rows that are drawn.

use std::collections::BTreeSet;

use centime_accounts::{BasisPoints, Centimes, FiscalYear, Side};
use centime_analytics::{
    Analysis, Basis, Cell, ColumnName, Grouping, Selection, Table, analyses, columns,
};

use super::brief::{Source, largest_move};
use super::change::signed_rate;
use super::shown::Panel;
use crate::Locale;
use crate::charts::{View, category_name, side_column};
use crate::draw::spec::Chart;
use crate::language::format;
use crate::language::label::{apart, block_gloss, label_gloss, quoted, sentence_case};

/// More of a total than this, in hundredths of a percent, is no finding: a statement has one block that holds nearly all
/// of it.
const NEARLY_ALL: BasisPoints = BasisPoints::new(9_000);

/// Puts what a chart shows in the place of its title. What is measured becomes the subtitle, and is said first to those
/// who hear the chart. Nothing is said of a plain sum, which is a wrong figure, nor where nothing is drawn.
pub(super) fn entitle(panel: &mut Panel, source: &Source<'_>, view: &View<'_>) {
    if panel.chart.plot.is_none() || view.selection.basis == Basis::Naive {
        return;
    }
    let finder = Finder {
        rows: &panel.rows,
        view,
    };
    if let Some(finding) = finder.finding(panel.chart.name, source) {
        put(&mut panel.chart, finding, &panel.subject, view.locale);
    }
}

/// The same for the chart of an analysis, of the latest year that has something to say. An analysis of the operator keeps
/// its title.
pub(super) fn entitle_analysis(
    chart: &mut Chart,
    analysis: &Analysis,
    rows: &Table,
    view: &View<'_>,
) {
    let whole = view.selection;
    if chart.plot.is_none() || whole.basis == Basis::Naive {
        return;
    }
    let years = rows.rows.iter();
    let years = years.filter_map(|row| rows.cell(row, columns::FISCAL_YEAR).year());
    let years: BTreeSet<FiscalYear> = years.collect();
    let of_year = |year: FiscalYear| {
        let before = years.range(..year).next_back().copied();
        let selection = Selection {
            focus: year,
            against: before.unwrap_or(year),
            ..whole.clone()
        };
        let view = View {
            selection: &selection,
            ..*view
        };
        Finder { rows, view: &view }.of_analysis(analysis)
    };
    if let Some(finding) = years.iter().rev().copied().find_map(of_year) {
        let measure = chart.title.clone();
        put(chart, finding, &measure, view.locale);
    }
}

/// Puts a finding above a chart, and below it what is measured.
fn put(chart: &mut Chart, finding: String, measure: &str, locale: &Locale) {
    chart.title = finding;
    chart.alt_text = format!("{measure}. {}", chart.alt_text);
    chart.unit = if chart.unit.is_empty() {
        measure.to_owned()
    } else {
        let values = [("measure", measure), ("unit", &*chart.unit)];
        locale.fill("finding.measured", &values)
    };
}

struct Finder<'a> {
    rows: &'a Table,
    view: &'a View<'a>,
}

impl Finder<'_> {
    fn finding(&self, chart: &str, source: &Source<'_>) -> Option<String> {
        match chart {
            "result" => self.result(),
            "steps" => self.steps(),
            "changes" => self.changes(source),
            "categories" => self.categories(),
            "operating" => self.margin(),
            "exceptional" => self.exceptional(),
            "financial" => self.financial(),
            "flow" => self.largest_revenue(),
            _ => None,
        }
    }

    fn of_analysis(&self, analysis: &Analysis) -> Option<String> {
        let name = analysis.model.name;
        let is = |known: &Analysis| known.model.name == name;
        if is(&analyses::yearly_result::ANALYSIS) {
            self.result()
        } else if is(&analyses::operating_profitability::ANALYSIS) {
            self.margin()
        } else if is(&analyses::exceptional_charges::ANALYSIS) {
            self.exceptional()
        } else if is(&analyses::financial_return::ANALYSIS) {
            self.financial()
        } else if is(&analyses::expense_by_category::ANALYSIS)
            || is(&analyses::expense_by_harmonised_category::ANALYSIS)
        {
            self.categories()
        } else if is(&analyses::reconciliation::ANALYSIS) {
            self.reconciliation()
        } else if is(&analyses::completeness::ANALYSIS) {
            self.completeness()
        } else {
            None
        }
    }

    /// What a plain sum makes of the result, where it is another one; else what the balance sheet says.
    fn reconciliation(&self) -> Option<String> {
        let focus = self.view.selection.focus;
        let result = self.amount_of(columns::LEAF_RESULT, focus)?;
        let naive = self.amount_of(columns::NAIVE_RESULT, focus);
        let published = self.amount_of(columns::PUBLISHED_RESULT, focus);
        let amount = self.rounded(result);
        if let Some(naive) = naive.filter(|naive| *naive != result) {
            let values = [("amount", &*amount), ("naive", &*self.rounded(naive))];
            return Some(self.fill("finding.naive", &values));
        }
        (published == Some(result)).then(|| self.fill("finding.reconciled", &[("amount", &amount)]))
    }

    fn completeness(&self) -> Option<String> {
        let row = self.of_year(self.view.selection.focus)?;
        let count = |column| {
            let count = self.rows.cell(row, column).unitless()?;
            Some(format::integer(count, self.view.locale.language()))
        };
        let (published, lines) = (count(columns::PUBLISHED)?, count(columns::LINES)?);
        Some(self.fill(
            "finding.completeness",
            &[("published", &published), ("lines", &lines)],
        ))
    }

    fn amount_of(&self, column: ColumnName, year: FiscalYear) -> Option<Centimes> {
        self.rows.cell(self.of_year(year)?, column).amount()
    }

    fn of_year(&self, year: FiscalYear) -> Option<&[Cell]> {
        let year_of =
            |row: &&Vec<Cell>| self.rows.cell(row, columns::FISCAL_YEAR).year() == Some(year);
        self.rows.rows.iter().find(year_of).map(Vec::as_slice)
    }

    fn rounded(&self, amount: Centimes) -> String {
        format::rounded_euros(amount, self.view.locale.language())
    }

    fn signed(&self, amount: Centimes) -> String {
        let written = self.rounded(amount);
        if amount > Centimes::ZERO {
            format!("+{written}")
        } else {
            written
        }
    }

    fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let selection = self.view.selection;
        let years = [selection.focus.to_string(), selection.against.to_string()];
        let mut all = vec![("year", &*years[0]), ("before", &*years[1])];
        all.extend(values.iter().copied());
        self.view.locale.fill(key, &all)
    }

    /// The year that is compared with, where it is the earlier one and no break lies between.
    fn earlier(&self) -> Option<FiscalYear> {
        let selection = self.view.selection;
        let between = |year: FiscalYear| year > selection.against && year <= selection.focus;
        let broken = self.view.breaks.iter().any(|b| between(b.fiscal_year));
        (selection.against < selection.focus && !broken).then_some(selection.against)
    }

    fn result(&self) -> Option<String> {
        let selection = self.view.selection;
        let within = selection.category.is_some().then(|| selection.shown_side());
        if let Some(side) = selection.side.or(within) {
            return self.total(side);
        }
        if selection.is_partial() {
            return None;
        }
        let result = self.amount_of(columns::RESULT, selection.focus)?;
        let found = self.fill(
            &format!("finding.{}", sign(result)),
            &[("amount", &self.rounded(result.abs()))],
        );
        let earlier = self
            .earlier()
            .and_then(|year| self.amount_of(columns::RESULT, year));
        let Some(before) = earlier.filter(|before| *before != Centimes::ZERO) else {
            return Some(found);
        };
        Some(self.fill(
            &format!("finding.after_{}", sign(before)),
            &[("finding", &found), ("amount", &self.rounded(before.abs()))],
        ))
    }

    /// The total of a side, or of a category of it.
    fn total(&self, side: Side) -> Option<String> {
        let selection = self.view.selection;
        let column = side_column(side);
        let total = self.amount_of(column, selection.focus)?;
        let amount = self.rounded(total);
        let found = match &selection.category {
            Some(category) => {
                let name = category_name(category, selection.grouping, side, self.view.locale);
                let name = quoted(&name, self.view.locale);
                self.fill("finding.category", &[("name", &name), ("amount", &amount)])
            }
            None => self.fill(&format!("finding.total_{side}"), &[("amount", &amount)]),
        };
        let before = self.earlier().and_then(|year| self.amount_of(column, year));
        let change = before.and_then(|before| total.checked_sub(before)?.share_of(before));
        let rate = change.and_then(|rate| signed_rate(rate, self.view.locale));
        Some(match rate {
            Some(rate) => self.fill("finding.changed", &[("finding", &found), ("rate", &rate)]),
            None => found,
        })
    }

    fn steps(&self) -> Option<String> {
        let totals = self.view.totals;
        let (revenue, expense) = totals.revenue.zip(totals.expense)?;
        let values = [
            ("revenue", &*self.rounded(revenue)),
            ("expense", &*self.rounded(expense)),
        ];
        Some(self.fill("finding.steps", &values))
    }

    fn changes(&self, source: &Source<'_>) -> Option<String> {
        let row = self.rows.rows.first()?;
        let difference = self.rows.cell(row, columns::DIFFERENCE).amount()?;
        if difference == Centimes::ZERO {
            return None;
        }
        let signed = self.signed(difference);
        if !self.rows.has(columns::LABEL) {
            let name = self.category(self.rows.cell(row, columns::CATEGORY).text()?);
            let values = [("name", &*name), ("amount", &*signed)];
            return Some(self.fill("finding.change", &values));
        }
        let moved = largest_move(source)?;
        let name = quoted(&self.line(&moved.category, &moved.label), self.view.locale);
        let signed = self.signed(moved.difference);
        let share = moved
            .share
            .filter(|share| *share <= BasisPoints::new(10_000));
        let share = share.map(|share| format::rate(share, self.view.locale.language()));
        let direction = if moved.difference.is_negative() {
            "down"
        } else {
            "up"
        };
        let key = match share {
            Some(_) => format!("finding.change_{}_{direction}", moved.side),
            None => "finding.change".to_owned(),
        };
        Some(self.fill(
            &key,
            &[
                ("name", &name),
                ("amount", &signed),
                ("share", &share.unwrap_or_default()),
            ],
        ))
    }

    fn categories(&self) -> Option<String> {
        let selection = self.view.selection;
        let of_focus = self.rows.rows.iter().filter_map(|row| {
            let year = self.rows.cell(row, columns::FISCAL_YEAR).year()?;
            let amount = self.rows.cell(row, columns::AMOUNT).amount()?;
            (year == selection.focus && amount > Centimes::ZERO).then_some((amount, row))
        });
        let (_, row) = of_focus.max_by_key(|(amount, _)| *amount)?;
        let share = self.rows.cell(row, columns::SHARE).rate()?;
        if share > NEARLY_ALL {
            return None;
        }
        let column = if self.rows.has(columns::HARMONISED_CATEGORY) {
            columns::HARMONISED_CATEGORY
        } else {
            columns::CATEGORY
        };
        let name = self.category(self.rows.cell(row, column).text()?);
        let share = format::rate(share, self.view.locale.language());
        let key = match &selection.category {
            Some(_) => "finding.share".to_owned(),
            None => format!("finding.share_{}", selection.shown_side()),
        };
        Some(self.fill(&key, &[("name", &name), ("share", &share)]))
    }

    fn margin(&self) -> Option<String> {
        let rate = |year| self.rows.cell(self.of_year(year)?, columns::MARGIN).rate();
        let written = |rate| format::rate(rate, self.view.locale.language());
        let margin = written(rate(self.view.selection.focus)?);
        let before = self.earlier().and_then(rate).map(written);
        let key = if before.is_some() {
            "finding.margin_before"
        } else {
            "finding.margin"
        };
        let before = before.unwrap_or_default();
        Some(self.fill(key, &[("rate", &margin), ("rate_before", &before)]))
    }

    fn exceptional(&self) -> Option<String> {
        let focus = self.view.selection.focus;
        let of = |column, key| {
            let amount = self.amount_of(column, focus)?;
            Some(self.fill(key, &[("amount", &self.rounded(amount))]))
        };
        of(columns::EXCEPTIONAL_CHARGES, "finding.exceptional")
            .or_else(|| of(columns::SUCCESSOR_CHARGES, "finding.successor"))
    }

    fn financial(&self) -> Option<String> {
        let focus = self.view.selection.focus;
        let revenue = self.amount_of(columns::FINANCIAL_REVENUE, focus)?;
        let expense = self.amount_of(columns::FINANCIAL_EXPENSE, focus)?;
        let values = [
            ("revenue", &*self.rounded(revenue)),
            ("expense", &*self.rounded(expense)),
        ];
        Some(self.fill("finding.financial", &values))
    }

    fn largest_revenue(&self) -> Option<String> {
        let total = self.view.totals.revenue?;
        let of_revenue = self.rows.rows.iter().filter_map(|row| {
            let side = self.rows.cell(row, columns::SIDE).text()?;
            let amount = self.rows.cell(row, columns::AMOUNT).amount()?;
            (side == Side::Revenue.name() && amount > Centimes::ZERO).then_some((amount, row))
        });
        let (amount, row) = of_revenue.max_by_key(|(amount, _)| *amount)?;
        let share = amount.share_of(total)?;
        let text = |column| self.rows.cell(row, column).text();
        let name = self.line(text(columns::CATEGORY)?, text(columns::LABEL)?);
        let share = format::rate(share, self.view.locale.language());
        let values = [
            ("name", &*quoted(&name, self.view.locale)),
            ("share", &*share),
        ];
        Some(self.fill("finding.share_revenue", &values))
    }

    /// A category, or a line within one, in the reader's language and quotation marks.
    fn category(&self, name: &str) -> String {
        let (selection, locale) = (self.view.selection, self.view.locale);
        let gloss = match (&selection.category, selection.grouping) {
            (None, Grouping::Published) => block_gloss(name, locale.language()),
            (Some(block), Grouping::Published) => label_gloss(block, name, locale.language()),
            (_, Grouping::Harmonised) => "",
        };
        if !gloss.is_empty() {
            return quoted(gloss, locale);
        }
        let grouping = match selection.category {
            Some(_) => Grouping::Published,
            None => selection.grouping,
        };
        let name = category_name(name, grouping, selection.shown_side(), locale);
        quoted(&name, locale)
    }

    /// A line of a block in the reader's language.
    fn line(&self, block: &str, label: &str) -> String {
        match label_gloss(block, label, self.view.locale.language()) {
            "" => apart(&sentence_case(label.trim())),
            gloss => apart(gloss),
        }
    }
}

/// Whether a result is above zero, as keys have it.
fn sign(result: Centimes) -> &'static str {
    match result.get().signum() {
        1 => "surplus",
        -1 => "deficit",
        _ => "balanced",
    }
}
