//! What was checked, what is missing and what was put right.

use std::sync::Arc;

use askama::Template;
use centime_accounts::{Centimes, FiscalYear};
use centime_analytics::{Basis, Catalogue, analyses, columns};
use centime_render::Locale;
use centime_render::dashboard::{PATH, PRESENCE};
use centime_render::language::format;
use centime_render::language::label::sentence_case;
use centime_warehouse::revision::RunOutcome;
use centime_warehouse::{CheckResult, Outcome, Run};

use crate::files::download::{FileLink, files};
use crate::http::reply::Reply;
use crate::monitoring::upkeep;
use crate::pages::lines::LineRow;
use crate::pages::view::{
    Frame, Section, block_gloss, number, short_label, status, table_amount, typographic,
};
use crate::pages::witnesses;
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::state::snapshot::Snapshot;

/// How many runs are listed.
const RUNS: u32 = 10;
/// How many findings of a check are shown at once; the others unfold.
const SHOWN: usize = 3;

#[derive(Template)]
#[template(path = "quality.html")]
struct QualityPage<'a> {
    frame: Frame<'a>,
    tally: Vec<(String, String)>,
    revision: String,
    published_at: &'a str,
    checks: Vec<CheckView>,
    missing: Vec<MissingRow>,
    missing_total: String,
    missing_needed: String,
    parents: Vec<ParentRow>,
    results: Vec<ResultRow>,
    /// The page with what else says what each result is.
    witnesses: String,
    unknown: Vec<LineRow>,
    shifts: Vec<String>,
    totals: Vec<TotalsRow>,
    runs: Vec<RunRow>,
    /// What failed last, and when the next attempt is.
    refresh: Vec<String>,
    /// The picture of which lines have an amount in which year, the same with its rows, and its files.
    picture: String,
    alone: String,
    files: Vec<FileLink>,
}

struct CheckView {
    class: &'static str,
    outcome: &'static str,
    title: String,
    text: String,
    more: String,
    others: Vec<String>,
}

struct MissingRow {
    year: FiscalYear,
    category: String,
    gloss: &'static str,
    rows: String,
    needed: String,
    link: String,
}

struct ParentRow {
    year: FiscalYear,
    label: String,
    role: String,
    /// Of the parent, of its parts, and the difference.
    amounts: [Option<String>; 3],
    used: String,
}

struct ResultRow {
    year: FiscalYear,
    /// Computed, published, and the difference.
    amounts: [Option<String>; 3],
    pill: &'static str,
    status: String,
    /// How many witnesses are equal to the result, of how many.
    witnesses: Option<String>,
}

struct TotalsRow {
    year: FiscalYear,
    /// Of the assets, of the liabilities, and the difference.
    amounts: [Option<String>; 3],
}

struct RunRow {
    id: i64,
    started_at: String,
    started: String,
    outcome: &'static str,
    class: &'static str,
    records: Option<String>,
    duration: Option<String>,
}

/// Answers with the page of the quality of the data.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let language = locale.language();
    let revision = &snapshot.published.revision;
    let sum = |of: fn(&centime_warehouse::quality::Unpublished) -> i64| {
        let total = snapshot.unpublished.iter().map(of).sum();
        format::integer(total, language)
    };
    let values = [
        ("id", &*revision.id.to_string()),
        (
            "date",
            &*format::date_time(&revision.published_at, language),
        ),
    ];
    let runs = runs(&context).await;
    let passing = runs.is_none();
    let presence = |form: &str| snapshot.link(&format!("{PATH}/{PRESENCE}.{form}"), &[]);
    let (runs, failed) = runs.unwrap_or_default();
    let refresh = match context.site.guard().upkeep() {
        Some(upkeep) => upkeep.sentences(locale),
        None => failed.into_iter().collect(),
    };
    let page = QualityPage {
        frame: Frame::new(&context, locale.text("quality.title"), Section::Quality),
        tally: tally(&snapshot.published.checks, locale),
        revision: locale.fill("home.published", &values),
        published_at: &revision.published_at,
        checks: snapshot
            .published
            .checks
            .iter()
            .map(|check| check_view(check, snapshot.catalogue(), locale))
            .collect(),
        missing: missing(snapshot, locale),
        missing_total: sum(|found| found.rows),
        missing_needed: sum(|found| found.needed),
        parents: parents(snapshot, locale),
        results: results(snapshot, locale),
        witnesses: witnesses::link(snapshot),
        unknown: snapshot
            .unknown
            .iter()
            .map(|line| LineRow::new(snapshot, line, locale))
            .collect(),
        shifts: shifts(snapshot, locale),
        totals: totals(snapshot, locale),
        runs,
        refresh,
        // It is drawn for those who look at it: the page is also that of programs that follow all links.
        picture: presence("svg"),
        alone: snapshot.link(&format!("/embed{PATH}/{PRESENCE}"), &[]),
        files: files(true, presence),
    };
    let page = page.frame.around(&page)?;
    Ok(page.uncacheable_if(passing))
}

fn tally(checks: &[CheckResult], locale: &Locale) -> Vec<(String, String)> {
    [Outcome::Pass, Outcome::Warn, Outcome::Fail]
        .into_iter()
        .map(|outcome| {
            let count = checks
                .iter()
                .filter(|check| check.outcome == outcome)
                .count();
            let count = number(count);
            let key = format!("quality.tally_{}", outcome.name());
            (
                format::integer(count, locale.language()),
                locale.count(&key, count),
            )
        })
        .filter(|(count, _)| count != "0")
        .collect()
}

fn check_view(check: &CheckResult, catalogue: Catalogue, locale: &'static Locale) -> CheckView {
    let passed = check.outcome == Outcome::Pass;
    let group = format!("check.{}", check.name);
    let title = match (locale.has(&group, "pass"), passed) {
        (false, _) => match catalogue.check(&check.name) {
            Some(own) => typographic(own.title(locale.language()), locale),
            None => check.name.clone(),
        },
        (true, true) => locale.term(&group, "pass").to_owned(),
        (true, false) => locale.count(&format!("{group}.found"), check.found),
    };
    let (shown, others) = check.subjects.split_at(check.subjects.len().min(SHOWN));
    let shown: Vec<String> = shown.iter().map(|text| short_label(text, locale)).collect();
    let text = if passed {
        locale.count("quality.cases", check.found)
    } else {
        shown.join(locale.text("quality.between_findings"))
    };
    let unnamed = check.found - number(check.subjects.len());
    let mut others: Vec<String> = others
        .iter()
        .map(|text| short_label(text, locale))
        .collect();
    let more = locale.count(
        "quality.more_findings",
        number(others.len()) + unnamed.max(0),
    );
    if !others.is_empty() && unnamed > 0 {
        others.push(locale.count("quality.unnamed", unnamed));
    }
    CheckView {
        class: check.outcome.name(),
        outcome: match check.outcome {
            Outcome::Pass => locale.text("quality.pass"),
            Outcome::Warn => locale.text("quality.warn"),
            Outcome::Fail => locale.text("quality.fail"),
        },
        title,
        text,
        more,
        others,
    }
}

/// Two amounts and the first minus the second, as far as they are known.
fn with_difference(
    first: Option<Centimes>,
    second: Option<Centimes>,
    locale: &Locale,
) -> [Option<String>; 3] {
    let difference = first.zip(second).map(|(first, second)| first - second);
    [first, second, difference].map(|amount| table_amount(amount, locale))
}

fn missing(snapshot: &Snapshot, locale: &Locale) -> Vec<MissingRow> {
    let language = locale.language();
    let row = |found: &centime_warehouse::quality::Unpublished| MissingRow {
        year: found.fiscal_year,
        category: short_label(&sentence_case(&found.category), locale),
        gloss: block_gloss(&found.category, language),
        rows: format::integer(found.rows, language),
        needed: format::integer(found.needed, language),
        link: snapshot.link(
            "/lines",
            &[
                ("year", &found.fiscal_year.to_string()),
                ("category", &found.category),
                ("counted", "unpublished"),
            ],
        ),
    };
    snapshot.unpublished.iter().map(row).collect()
}

fn parents(snapshot: &Snapshot, locale: &Locale) -> Vec<ParentRow> {
    let row = |check: &centime_warehouse::quality::ParentCheck| ParentRow {
        year: check.fiscal_year,
        label: short_label(&check.label, locale),
        role: locale.term("role", check.role.name()).to_owned(),
        amounts: with_difference(check.parent, check.children, locale),
        used: locale.term("used", check.used.name()).to_owned(),
    };
    snapshot.parents.iter().map(row).collect()
}

fn results(snapshot: &Snapshot, locale: &Locale) -> Vec<ResultRow> {
    let table = snapshot.table(&analyses::yearly_result::ANALYSIS, Basis::Leaf);
    let row = |row: &Vec<centime_analytics::Cell>| {
        let amount = |column| table_amount(table.cell(row, column).amount(), locale);
        let code = table.cell(row, columns::STATUS).text().unwrap_or_default();
        let (pill, word) = status(code, locale);
        let year = table.cell(row, columns::FISCAL_YEAR).year()?;
        Some(ResultRow {
            year,
            witnesses: witnesses::tally(snapshot, year, locale),
            amounts: [
                columns::RESULT,
                columns::PUBLISHED_RESULT,
                columns::DIFFERENCE,
            ]
            .map(amount),
            pill,
            status: word.to_owned(),
        })
    };
    table.rows.iter().rev().filter_map(row).collect()
}

fn shifts(snapshot: &Snapshot, locale: &Locale) -> Vec<String> {
    let sentence = |shift: &centime_warehouse::quality::BalanceShift| {
        let values = [
            ("earlier", &*shift.earlier.to_string()),
            ("later", &*shift.later.to_string()),
            ("total", &*format::euros(shift.total, locale.language())),
        ];
        crate::pages::view::rich(&locale.fill("quality.shift", &values))
    };
    snapshot.shifts.iter().map(sentence).collect()
}

fn totals(snapshot: &Snapshot, locale: &Locale) -> Vec<TotalsRow> {
    let row = |totals: &centime_warehouse::quality::BalanceTotals| TotalsRow {
        year: totals.fiscal_year,
        amounts: with_difference(totals.assets, totals.liabilities, locale),
    };
    snapshot.balance_totals.iter().map(row).collect()
}

/// The latest runs, and how the last one failed if it did; `None` when they cannot be read. Without them the page
/// still has everything else.
async fn runs(context: &RequestContext) -> Option<(Vec<RunRow>, Option<String>)> {
    let Ok(warehouse) = context.warehouse() else {
        return Some((Vec::new(), None));
    };
    let told = |error: &centime_warehouse::Error| tracing::error!(%error, "the history of runs cannot be read");
    let found = warehouse.runs(RUNS).await.inspect_err(told).ok()?;
    let failed = upkeep::last_failure(&found, context.locale);
    let mut rows = Vec::with_capacity(found.len());
    for run in found {
        let steps = warehouse.steps(run.id).await.inspect_err(told).ok()?;
        let milliseconds: i64 = steps.iter().map(|step| step.milliseconds).sum();
        rows.push(run_row(
            &run,
            (!steps.is_empty()).then_some(milliseconds),
            context.locale,
        ));
    }
    Some((rows, failed))
}

fn run_row(run: &Run, milliseconds: Option<i64>, locale: &'static Locale) -> RunRow {
    let language = locale.language();
    RunRow {
        id: run.id,
        started_at: run.started_at.clone(),
        started: format::date_time(&run.started_at, language),
        outcome: match run.outcome {
            RunOutcome::Running => locale.text("run.running"),
            RunOutcome::Published => locale.text("run.published"),
            RunOutcome::Unchanged => locale.text("run.unchanged"),
            RunOutcome::Failed => locale.text("run.failed"),
            RunOutcome::Interrupted => locale.text("run.interrupted"),
        },
        class: match run.outcome {
            RunOutcome::Published | RunOutcome::Unchanged => "reconciled",
            RunOutcome::Failed | RunOutcome::Interrupted => "gap",
            RunOutcome::Running => "unpublished",
        },
        records: run
            .records
            .map(|records| format::integer(records, language)),
        duration: milliseconds.map(|milliseconds| {
            let tenths = milliseconds / 100;
            let seconds = format::hundredths(tenths * 10, language);
            locale.fill(
                "run.seconds",
                &[(
                    "n",
                    seconds.trim_end_matches('0').trim_end_matches([',', '.']),
                )],
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use centime_analytics::Language;
    use centime_pipeline::checks::CHECKS;

    use super::*;

    #[test]
    fn every_check_has_its_words() {
        for (name, _) in CHECKS {
            for language in Language::ALL {
                assert!(
                    Locale::of(language).has("check", &format!("{name}.pass")),
                    "{name}"
                );
            }
        }
    }
}
