//! The first page: whose report it is, what must not be overlooked, and what the view is.

use centime_accounts::Centimes;
use centime_analytics::{Basis, Grouping, analyses, columns};

use super::content::{Cover, Fact, KeyFigure, Warning};
use super::source::{Source, doubted, period, same_view};
use crate::charts::{self, Measure};
use crate::dashboard::{self, brief};
use crate::inhabitants;
use crate::language::format;
use crate::language::label::short_label;
use crate::provenance::doubts;
use crate::provenance::identity::{Figures, Known};
use crate::provenance::source::explanation;

/// The first page.
pub(super) fn cover(source: &Source<'_>, panels: &[dashboard::Panel]) -> Cover {
    let locale = source.locale;
    let mut warnings = Vec::new();
    if source.revision.sample {
        warnings.push(Warning {
            title: locale.text("sample.title").to_owned(),
            text: locale.text(explanation(source.datasets)).to_owned(),
        });
    }
    if let Some(text) = doubts::sentence(&doubted(source), locale) {
        warnings.push(Warning {
            title: locale.text("doubt.title").to_owned(),
            text,
        });
    }
    if source.query.selection.basis == Basis::Naive {
        warnings.push(Warning {
            title: locale.text("report.naive_title").to_owned(),
            text: locale.text("report.naive_text").to_owned(),
        });
    }
    Cover {
        kicker: locale.text("report.kicker").to_owned(),
        title: source.body.name.clone(),
        subtitle: period(source),
        warnings,
        figures: key_figures(source, panels),
        in_brief: locale.text("report.in_brief").to_owned(),
        summary: brief::sentences(&source.of_view(), panels),
        facts: facts(source),
    }
}

/// The amounts of the year in focus.
fn key_figures(source: &Source<'_>, panels: &[dashboard::Panel]) -> Vec<KeyFigure> {
    let locale = source.locale;
    let year = source.query.selection.focus.to_string();
    let figures = brief::key_figures(&source.of_view(), panels).into_iter();
    figures
        .map(|figure| KeyFigure {
            label: locale.fill("report.of_year", &[("name", &figure.name), ("year", &year)]),
            value: figure
                .amount
                .map(|amount| format::euros(amount, locale.language())),
            each: figure
                .per_inhabitant
                .map(|each| inhabitants::each(each, locale)),
            below: figure.column == columns::RESULT
                && figure.amount.is_some_and(Centimes::is_negative),
        })
        .collect()
}

/// What the view is, and of what.
fn facts(source: &Source<'_>) -> Vec<Fact> {
    let Source { locale, query, .. } = *source;
    let selection = &query.selection;
    let revision = source.revision;
    let language = locale.language();
    let fact = |name: &'static str, value: String| Fact {
        name: locale.text(name).to_owned(),
        value,
        link: None,
    };
    let figures = Figures {
        body: source.body,
        revision,
        datasets: source.datasets,
        results: source
            .statement
            .table(&analyses::yearly_result::ANALYSIS, Basis::Leaf),
    };
    // The body is the title; the revision is said below, with its hour.
    let of_cover = |known: &Known| !matches!(known.code, "body" | "revision");
    let identity = figures.identity(locale).into_iter().filter(of_cover);
    let mut facts: Vec<Fact> = identity
        .map(|known| Fact {
            name: known.label,
            value: known.value,
            link: None,
        })
        .collect();
    facts.push(fact("report.years", period(source)));
    let basis = locale.term("basis", selection.basis.name());
    facts.push(fact("dashboard.basis", basis.to_owned()));
    if let Some(side) = &selection.side {
        facts.push(fact(
            "dashboard.side",
            locale.term("side", side.name()).to_owned(),
        ));
    }
    if let Some(activity) = &selection.activity {
        let word = locale.term("activity", activity.name()).to_owned();
        facts.push(fact("dashboard.activity", word));
    }
    if let Some(category) = &selection.category {
        let name =
            charts::category_name(category, selection.grouping, selection.shown_side(), locale);
        facts.push(fact("dashboard.category", short_label(&name, locale)));
    }
    if selection.grouping != Grouping::Published {
        let word = locale.term("grouping", selection.grouping.name());
        facts.push(fact("dashboard.grouping", word.to_owned()));
    }
    if query.measure != Measure::Auto {
        let word = locale.term("measure", query.measure.name());
        facts.push(fact("dashboard.unit", word.to_owned()));
    }
    facts.push(fact("dashboard.focus", selection.focus.to_string()));
    let inhabitants = source.statement.inhabitants();
    if let Some(known) = inhabitants.and_then(|known| known.in_year(selection.focus)) {
        facts.push(fact(
            "aggregates.population",
            inhabitants::said(known, locale),
        ));
    }
    if selection.against != selection.focus {
        facts.push(fact("dashboard.against", selection.against.to_string()));
    }
    let published = locale.fill(
        "home.published",
        &[
            ("id", &revision.id.to_string()),
            ("date", &format::date_time(&revision.published_at, language)),
        ],
    );
    facts.push(fact("report.data", published));
    facts.extend(same_view(source));
    facts
}
