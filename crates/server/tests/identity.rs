//! What official publications always say of their figures, on every page that shows some and in every file.

use crate::common::{Bench, text};
use centime_analytics::{ANALYSES, Analysis, Chart, Language};
use centime_render::Locale;
use centime_server::Settings;

/// The text of a page as people read it.
fn read(page: &str) -> String {
    page.replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[tokio::test]
async fn every_page_of_figures_says_what_they_are_and_where_they_come_from() {
    let bench = Bench::new(Settings::default()).await;
    let mut pages: Vec<String> = [
        "/",
        "/dashboard",
        "/analyses",
        "/lines",
        "/lines/1?revision=1",
        "/quality",
    ]
    .map(str::to_owned)
    .into();
    let has_chart = |analysis: &&Analysis| !matches!(analysis.chart, Chart::None);
    let drawn = ANALYSES.into_iter().filter(has_chart);
    pages.extend(drawn.map(|analysis| format!("/analyses/{}", analysis.name())));
    for language in Language::ALL {
        let locale = Locale::of(language);
        for path in &pages {
            let joint = if path.contains('?') { '&' } else { '?' };
            let address = format!("{path}{joint}lang={language}");
            let page = read(&text(bench.get(&address, &[]).await).await);
            for key in [
                "identity.heading",
                "budget.main",
                "identity.state_unknown",
                "identity.basis_text",
                "identity.standing_text",
            ] {
                assert!(page.contains(locale.text(key)), "{address}: {key}: {page}");
            }
            assert!(page.contains("M14 (2016"), "{address}: {page}");
            assert!(page.contains("SIREN 217500016"), "{address}: {page}");
            assert!(page.contains("CC0 1.0"), "{address}: {page}");
        }
        // A page without figures says nothing of their origin.
        let address = format!("/nowhere?lang={language}");
        let page = read(&text(bench.get(&address, &[]).await).await);
        assert!(!page.contains(locale.text("identity.heading")), "{page}");
    }
}

#[tokio::test]
async fn every_chart_has_its_source_and_licence_under_it() {
    let bench = Bench::new(Settings::default()).await;
    for language in Language::ALL {
        let locale = Locale::of(language);
        for path in [
            "/",
            "/dashboard",
            "/analyses/yearly-result",
            "/embed/dashboard/result",
        ] {
            let address = format!("{path}?lang={language}");
            let page = read(&text(bench.get(&address, &[]).await).await);
            let charts: Vec<&str> = page.split("<figure class=\"chart\"").skip(1).collect();
            assert!(!charts.is_empty(), "{address}");
            // A page of many charts says below them where all of them come from.
            let together = path == "/dashboard";
            let places = if together {
                vec![page.as_str()]
            } else {
                charts
            };
            assert_eq!(page.matches("chart__source\">").count(), places.len());
            for place in places {
                let chart = if together {
                    place
                } else {
                    place.split("</figure>").next().unwrap()
                };
                let (_, source) = chart
                    .split_once("chart__source\">")
                    .unwrap_or_else(|| panic!("{address}: {chart}"));
                assert!(source.contains("CC0 1.0"), "{address}: {source}");
                assert!(source.contains(locale.text("sample.title")), "{source}");
            }
        }
        let address = format!("/dashboard/result.svg?lang={language}");
        let picture = text(bench.get(&address, &[]).await).await;
        // The line is as long as it is: it is broken between words, and none of it leaves the picture.
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let said: Vec<&str> = picture
            .split("</text>")
            .map(|text| text.rsplit('>').next().unwrap())
            .collect();
        let said = plain(&said.join(" "));
        for part in [
            "CC0 1.0",
            locale.text("identity.unofficial"),
            locale.text("sample.title"),
        ] {
            assert!(said.contains(&plain(part)), "{part}: {said}");
        }
    }
}

#[tokio::test]
async fn every_chart_of_rounded_figures_says_so() {
    let bench = Bench::new(Settings::default()).await;
    let mut pages: Vec<String> = vec![
        "/".to_owned(),
        "/dashboard".to_owned(),
        "/dashboard?unit=percent".to_owned(),
        "/dashboard?unit=eur".to_owned(),
        "/dashboard?side=expense&grouping=harmonised&unit=share".to_owned(),
        "/embed/dashboard/flow".to_owned(),
        "/embed/dashboard/changes".to_owned(),
    ];
    let has_chart = |analysis: &&Analysis| !matches!(analysis.chart, Chart::None);
    let drawn = ANALYSES.into_iter().filter(has_chart);
    pages.extend(drawn.map(|analysis| format!("/analyses/{}", analysis.name())));
    for language in Language::ALL {
        let note = Locale::of(language).text("chart.rounded");
        for path in &pages {
            let joint = if path.contains('?') { '&' } else { '?' };
            let address = format!("{path}{joint}lang={language}");
            let page = read(&text(bench.get(&address, &[]).await).await);
            let charts: Vec<&str> = page.split("<figure class=\"chart\"").skip(1).collect();
            assert!(!charts.is_empty(), "{address}");
            if path.starts_with("/dashboard") {
                // What several charts say is said once.
                assert_eq!(page.matches(note).count(), 1, "{address}");
                continue;
            }
            for chart in charts {
                let chart = chart.split("</figure>").next().unwrap();
                // Lines are counted, not rounded.
                let counted = ["chart-presence", "chart-completeness"];
                let counts = counted.iter().any(|name| chart.contains(name));
                let drawn = chart.contains("<svg class=\"drawing\"");
                assert_eq!(chart.contains(note), drawn && !counts, "{address}: {chart}");
            }
        }
    }
}

#[tokio::test]
async fn a_break_of_a_series_is_a_rule_between_the_years_of_a_table() {
    let bench = Bench::new(Settings::default()).await;
    let tables = [
        "/analyses/yearly-result",
        "/analyses/operating-profitability",
        "/analyses/financial-return",
        "/analyses/exceptional-charges",
        "/analyses/expense-by-category",
        "/analyses/expense-by-harmonised-category",
    ];
    for address in tables {
        let page = text(bench.get(address, &[]).await).await;
        let rule = r#"<tr class="is-break"><th scope="row">2019</th>"#;
        assert_eq!(page.matches(rule).count(), 1, "{address}");
    }
}
