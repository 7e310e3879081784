//! Charts as parts of pages.

use centime_analytics::{Analysis, Basis};
use centime_render::Locale;
use centime_render::dashboard::analysis_chart;
use centime_render::draw::palette::Palette;
use centime_render::draw::spec::{Chart, Swatch};
use centime_render::language::label::cut;

use crate::http::escape::escape;
use crate::state::response_cache::RenderTarget;
use crate::state::snapshot::Snapshot;

/// A chart as a page shows it.
#[derive(Debug)]
pub struct ChartView {
    pub name: &'static str,
    pub title: String,
    pub unit: String,
    pub legend: Vec<LegendView>,
    pub notes: Vec<String>,
    /// The drawing; `None` where there is nothing to draw.
    pub svg: Option<String>,
    /// Its drawings for narrow places, of which the style sheet shows these or the other one.
    pub narrow: Vec<String>,
    /// Whether it has long names, and so needs a wide place.
    pub wide: bool,
    /// The option from which a browser draws, as JSON that is safe within a page.
    pub option: Option<String>,
    /// Whether it says where its figures come from; a page of many charts says so once.
    pub cites: bool,
}

/// An entry of a legend.
#[derive(Debug)]
pub struct LegendView {
    pub label: String,
    /// The last part of its class: `swatch--…`.
    pub form: &'static str,
    /// The last part of its class: `mark--…`.
    pub color: &'static str,
    /// Where it leads.
    pub link: Option<String>,
}

/// Charts as a page shows them, drawn here or to be drawn by a browser.
pub fn drawn(charts: &[Chart], by: RenderTarget) -> Vec<ChartView> {
    charts
        .iter()
        .map(|chart| ChartView::of(chart, by))
        .collect()
}

/// The chart of an analysis.
pub fn of_analysis(
    snapshot: &Snapshot,
    analysis: &Analysis,
    basis: Basis,
    locale: &'static Locale,
) -> ChartView {
    let chart = analysis_chart(snapshot, analysis, basis, locale);
    ChartView::of(&chart, RenderTarget::Server)
}

impl ChartView {
    /// A chart, drawn here or to be drawn by a browser.
    pub fn of(chart: &Chart, by: RenderTarget) -> Self {
        let (svg, option) = match by {
            RenderTarget::Server => (chart.drawing(Palette::Page), None),
            RenderTarget::Browser => (None, chart.option(Palette::Page)),
        };
        Self {
            name: chart.name,
            title: chart.title.clone(),
            unit: chart.unit.clone(),
            legend: chart
                .legend
                .iter()
                .map(|key| LegendView {
                    label: cut(&key.label),
                    form: match key.form {
                        Swatch::Fill => "fill",
                        Swatch::Hatch => "hatch",
                        Swatch::Hollow => "hollow",
                        Swatch::Line => "line",
                        Swatch::Rule => "rule",
                        Swatch::Dash => "dash",
                    },
                    color: key.color.variable().trim_start_matches('-'),
                    link: None,
                })
                .collect(),
            notes: chart.notes.clone(),
            svg: svg.map(|drawn| labelled(&drawn.svg, &chart.title, &chart.alt_text)),
            narrow: narrow(chart),
            wide: chart.is_wide(),
            option: option.map(|option| within_page(&option)),
            cites: true,
        }
    }
}

/// A drawing with what it shows in words.
fn labelled(svg: &str, title: &str, alt_text: &str) -> String {
    let label = escape(&format!("{title}. {alt_text}"));
    let start = format!(r#"<svg class="drawing" role="img" aria-label="{label}""#);
    svg.replacen(r#"<svg xmlns="http://www.w3.org/2000/svg""#, &start, 1)
}

/// The drawings for narrow places. What they show is said once.
fn narrow(chart: &Chart) -> Vec<String> {
    let label = escape(&format!("{}. {}", chart.title, chart.alt_text));
    let told = format!(r#"role="img" aria-label="{label}""#);
    let drawings = chart.narrow(Palette::Page).into_iter().enumerate();
    drawings
        .map(|(number, svg)| {
            let said = if number == 0 {
                &told
            } else {
                r#"aria-hidden="true""#
            };
            let start = format!(r#"<svg class="narrow" {said}"#);
            svg.replacen(r#"<svg xmlns="http://www.w3.org/2000/svg""#, &start, 1)
        })
        .collect()
}

/// JSON that cannot end the element it stands in.
fn within_page(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_leave_its_element() {
        assert_eq!(within_page(r#"["</script>"]"#), r#"["\u003c/script>"]"#);
        let svg = labelled(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">"#,
            "\"><b>",
            "",
        );
        assert!(
            svg.starts_with(
                r#"<svg class="drawing" role="img" aria-label="&quot;&gt;&lt;b&gt;. ""#
            )
        );
    }
}
