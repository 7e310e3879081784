use std::collections::BTreeMap;

use centime_analytics::{
    ANALYSES, Analysis, Basis, Cell, Column, Kind, Language, Selection, Table,
};

use centime_accounts::{Activity, YearStatus};

use super::*;
use crate::charts::{
    Measure, View, analysis, categories, changes, flow, operating, presence, result, steps,
};
use crate::draw::palette::Palette;
use crate::draw::spec::{Break, Plot};
use crate::language::label::{any_gloss, apart};
use crate::language::locale::Locale;

/// A million million euros, in centimes.
const HUGE: i64 = 100_000_000_000_000;

/// Labels that a portal could publish.
fn hostile() -> Vec<String> {
    vec![
        "<script>alert(1)</script> & \"quotes\"".to_owned(),
        "{a|b} {name} ${x} %s".to_owned(),
        "é".repeat(1000),
        "\u{202e}سطر من اليمين".to_owned(),
        "🏛️ 😀\u{0}\u{1b}".to_owned(),
        String::new(),
    ]
}

#[test]
fn every_chart_takes_any_label_and_any_amount() {
    let (selection, revenue) = (
        selection(),
        BTreeMap::from([(FiscalYear::new(2024), Centimes::new(HUGE))]),
    );
    let breaks = [Break {
        fiscal_year: FiscalYear::new(2024),
        label: "<b>M57</b>".to_owned(),
    }];
    for measure in Measure::ALL {
        let view = view(&selection, &revenue, &breaks, measure);
        let mut rows = Vec::new();
        for year in [2023, 2024] {
            for (number, label) in hostile().iter().enumerate() {
                let amount = [HUGE, 1, -HUGE / 2, 0, 99, 100_000][number % 6];
                rows.push(vec![
                    Cell::Year(FiscalYear::new(year)),
                    text(if number % 2 == 0 {
                        Side::Revenue.name()
                    } else {
                        Side::Expense.name()
                    }),
                    text(label),
                    text(label),
                    of_kind(Kind::Amount, amount),
                    text(["added", "missing", "negative", "subtotal", "empty", "?"][number % 6]),
                ]);
            }
        }
        let lines = table(&LINE_COLUMNS, rows);
        let svg = drawn(&categories(&lines, &view));
        assert!(
            svg.contains("&lt;b&gt;M57") || svg.contains("&#60;b"),
            "{svg}"
        );
        let streams = flow(&lines, &of_lines(View { ..view }, &lines));
        assert!(!drawn(&streams).is_empty());
        drawn(&presence(&lines, &view));
        let step = |step: &str, category: &str, amount| {
            let year = Cell::Year(FiscalYear::new(2024));
            vec![
                year,
                text(step),
                text(category),
                of_kind(Kind::Amount, amount),
            ]
        };
        let mut rows = vec![step(Side::Revenue.name(), "", HUGE)];
        rows.extend(
            hostile()
                .iter()
                .map(|label| step(Side::Expense.name(), label, HUGE / 3)),
        );
        rows.push(step("result", "", -HUGE));
        drawn(&steps(&table(&STEP_COLUMNS, rows), &view));
        let labels = hostile();
        let rows = labels
            .iter()
            .map(|label| change(label, [1, HUGE, HUGE - 1]))
            .collect();
        drawn(&changes(&table(&CHANGE_COLUMNS, rows), &view));
    }
}

#[test]
fn lines_of_one_name_say_where_they_are() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let view = view(&selection, &revenue, &[], Measure::Auto);
    let columns = [
        ("fiscal_year", Kind::Year),
        ("side", Kind::Text),
        ("category", Kind::Text),
        ("label", Kind::Text),
        ("state", Kind::Text),
    ];
    let row = |side: Side, category, label| {
        let state = text("added");
        vec![
            Cell::Year(FiscalYear::new(2024)),
            text(side.name()),
            text(category),
            text(label),
            state,
        ]
    };
    let rows = vec![
        row(Side::Revenue, "PRODUITS FINANCIERS", "Autres"),
        row(Side::Expense, "CHARGES FINANCIÈRES", "Autres"),
        row(Side::Revenue, "EXCEPTIONNEL", "Reprises"),
        row(Side::Expense, "EXCEPTIONNEL", "Reprises"),
        row(Side::Expense, "EXCEPTIONNEL", "Dotations"),
    ];
    let Some(Plot::Grid(grid)) = presence(&table(&columns, rows), &view).plot else {
        panic!("no grid");
    };
    let names: Vec<&str> = grid.rows.iter().map(|row| &*row.name.text).collect();
    assert_eq!(
        names,
        [
            "Autres (Produits financiers)",
            "Autres (Charges financières)",
            "Reprises (Produits)",
            "Reprises (Charges)",
            "Dotations",
        ]
    );
}

#[test]
fn a_part_of_a_statement_has_no_deficit() {
    let revenue = BTreeMap::new();
    let columns = [
        ("fiscal_year", Kind::Year),
        ("result", Kind::Amount),
        ("published_result", Kind::Amount),
    ];
    let rows = table(
        &columns,
        vec![vec![
            Cell::Year(FiscalYear::new(2024)),
            of_kind(Kind::Amount, -100),
            Cell::Null,
        ]],
    );
    let named = |selection: &Selection| {
        let chart = result(&rows, &view(selection, &revenue, &[], Measure::Auto));
        let labels = chart.legend.into_iter().map(|key| key.label);
        labels.collect::<Vec<_>>().join("; ")
    };
    assert!(
        named(&selection()).contains("Déficit"),
        "{}",
        named(&selection())
    );
    for partial in [
        Selection {
            activity: Some(Activity::Operating),
            ..selection()
        },
        Selection {
            basis: Basis::Naive,
            ..selection()
        },
    ] {
        let named = named(&partial);
        assert!(
            named.contains("Solde négatif") && !named.contains("Déficit"),
            "{named}"
        );
    }
}

#[test]
fn five_hundred_categories_are_nine_colours() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let view = view(&selection, &revenue, &[], Measure::Auto);
    let row = |number: i64| {
        let name = text(&format!("Poste {number}"));
        vec![
            Cell::Year(FiscalYear::new(2024)),
            name,
            of_kind(Kind::Amount, number * 100),
        ]
    };
    let chart = categories(
        &table(&CATEGORY_COLUMNS, (1..=500).map(row).collect()),
        &view,
    );
    assert_eq!(chart.legend.len(), 9);
    assert_eq!(chart.legend[8].label, "492 autres");
    drawn(&chart);
}

#[test]
fn analyses_are_drawn_without_rows_with_one_and_with_a_year_that_is_incomplete() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let view = view(&selection, &revenue, &[], Measure::Auto);
    let has_chart = |kind: &&Analysis| !matches!(kind.chart, centime_analytics::Chart::None);
    for kind in ANALYSES.iter().copied().filter(has_chart) {
        let row = |year: u16, known: bool| -> Vec<Cell> {
            let of = |column: &Column| match (column.kind, column.name) {
                (Kind::Year, _) => Cell::Year(FiscalYear::new(year)),
                (Kind::Status, _) => Cell::Status(if known {
                    YearStatus::Complete
                } else {
                    YearStatus::Incomplete
                }),
                (Kind::Text, _) => text("<i>"),
                (Kind::List, _) => Cell::Null,
                (kind, _) if known => of_kind(kind, -7),
                _ => Cell::Null,
            };
            kind.model.columns.iter().map(of).collect()
        };
        let mut table = Table {
            columns: kind.model.columns.to_vec(),
            rows: Vec::new(),
        };
        assert!(analysis(kind, &table, &view).plot.is_none());
        table.rows.push(row(2023, true));
        assert!(!drawn(&analysis(kind, &table, &view)).is_empty());
        table.rows.push(row(2024, false));
        assert!(!drawn(&analysis(kind, &table, &view)).is_empty());
    }
}

#[test]
fn colours_on_paper_are_those_of_the_light_page() {
    let style = include_str!("../../../../../web/css/site.css");
    let light = style.split("@media").next().unwrap();
    for (name, color) in crate::draw::palette::PAPER {
        let line = format!("{name}: {color};");
        assert!(light.contains(&line), "{line}");
    }
}

#[test]
fn dark_colours_of_the_system_and_of_the_switch_are_the_same() {
    let style = include_str!("../../../../../web/css/site.css");
    let colours = |from: &str| -> Vec<&str> {
        let (_, block) = style.split_once(from).unwrap();
        let block = block.split('}').next().unwrap().lines().map(str::trim);
        block.filter(|line| line.starts_with("--")).collect()
    };
    let of_system = colours(":root:where(:not([data-theme=\"light\"])) {");
    assert!(of_system.len() > 20, "{of_system:?}");
    assert_eq!(of_system, colours(":root:where([data-theme=\"dark\"]) {"));
}

#[test]
fn the_year_that_is_looked_at_stands_out() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let rows = by_category(&["CHARGES FINANCIÈRES", "a"]);
    let svg = drawn(&categories(
        &rows,
        &view(&selection, &revenue, &[], Measure::Auto),
    ));
    let strong: Vec<&str> = svg
        .split("<text")
        .filter(|text| text.contains("font-weight"))
        .collect();
    assert_eq!(strong.len(), 1, "{svg}");
    assert!(strong[0].contains(">2024<") && strong[0].contains("var(--ink)"));
}

#[test]
fn a_line_ends_where_a_year_is_missing_and_at_a_break() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let breaks = [Break {
        fiscal_year: FiscalYear::new(2023),
        label: "M57".to_owned(),
    }];
    let columns = [
        ("fiscal_year", Kind::Year),
        ("operating_revenue", Kind::Amount),
        ("operating_expense", Kind::Amount),
        ("margin", Kind::Rate),
    ];
    let row = |year: u16| {
        let amounts = if year == 2020 {
            [Cell::Null, Cell::Null, Cell::Null]
        } else {
            let [revenue, expense] = [700, 600].map(|amount| of_kind(Kind::Amount, amount));
            [revenue, expense, of_kind(Kind::Rate, 1429)]
        };
        let mut row = vec![Cell::Year(FiscalYear::new(year))];
        row.extend(amounts);
        row
    };
    let rows = table(&columns, (2017..=2024).map(row).collect());
    let chart = operating(&rows, &view(&selection, &revenue, &breaks, Measure::Auto));
    let svg = drawn(&chart);
    // The lines of the margin: 2017 to 2019, 2021 and 2022, 2023 and 2024.
    let lines: Vec<&str> = svg
        .split("<path d=\"")
        .filter(|path| path.contains("stroke-width=\"2\""))
        .map(|path| path.split('"').next().unwrap())
        .collect();
    let steps: Vec<usize> = lines.iter().map(|path| path.matches('L').count()).collect();
    assert_eq!(steps, [2, 1, 1], "{lines:?}");
    assert_eq!(svg.matches("<circle").count(), 7);
}

#[test]
fn places_of_a_grid_that_look_the_same_are_one_shape() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let view = view(&selection, &revenue, &[], Measure::Auto);
    let row = |year, label: &str| {
        vec![
            Cell::Year(FiscalYear::new(year)),
            text(Side::Expense.name()),
            text("A"),
            text(label),
            of_kind(Kind::Amount, 1),
            text("added"),
        ]
    };
    let rows = [2022, 2023, 2024]
        .into_iter()
        .flat_map(|year| [row(year, "b"), row(year, "c")]);
    let svg = drawn(&presence(&table(&LINE_COLUMNS, rows.collect()), &view));
    let shapes: Vec<&str> = svg
        .split('<')
        .filter(|shape| shape.contains("--chart-1"))
        .collect();
    assert_eq!(shapes.len(), 1, "{svg}");
    assert_eq!(shapes[0].matches('M').count(), 6, "{svg}");
}

#[test]
fn official_labels_have_a_gloss_for_english_readers_and_for_no_others() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let french = view(&selection, &revenue, &[], Measure::Auto);
    let english = View {
        locale: Locale::of(Language::English),
        ..view(&selection, &revenue, &[], Measure::Auto)
    };
    let label = "CHARGES DE FONCTIONNEMENT";
    let gloss = crate::language::label::block_gloss(label, Language::English);
    assert!(!gloss.is_empty());
    let line = |label: &str| {
        vec![
            Cell::Year(FiscalYear::new(2024)),
            text(Side::Expense.name()),
            text("CHARGES DE FONCTIONNEMENT"),
            text(label),
            of_kind(Kind::Amount, 100),
            text("added"),
        ]
    };
    let official = "Charges sociales";
    let known = &apart(any_gloss("Dont charges sociales", Language::English));
    assert!(!known.is_empty());
    let mut revenue_line = line("Dons");
    revenue_line[1] = text(Side::Revenue.name());
    let lines = table(
        &LINE_COLUMNS,
        vec![revenue_line, line("Dont charges sociales"), line(official)],
    );
    let step = |step: &str, category: &str| {
        let year = Cell::Year(FiscalYear::new(2024));
        vec![year, text(step), text(category), of_kind(Kind::Amount, 100)]
    };
    let step_rows = vec![
        step(Side::Revenue.name(), ""),
        step(Side::Expense.name(), label),
        step("result", ""),
    ];
    let step_rows = table(&STEP_COLUMNS, step_rows);
    let by_category = by_category(&[label]);
    for (gloss, charts) in [
        (
            gloss,
            [
                categories(&by_category, &english),
                steps(&step_rows, &english),
            ],
        ),
        (
            known,
            [
                flow(&lines, &of_lines(View { ..english }, &lines)),
                presence(&lines, &english),
            ],
        ),
    ] {
        for chart in charts {
            let shown = drawn(&chart);
            let option = chart.option(Palette::Page).unwrap();
            assert!(
                option.contains(gloss),
                "{} does not tell {gloss}",
                chart.name
            );
            // A legend says it where the drawing has no names.
            let named = chart.legend.iter().any(|key| key.label.contains(gloss));
            assert!(named || shown.contains(gloss), "{}: {shown}", chart.name);
        }
    }
    for chart in [
        categories(&by_category, &french),
        steps(&step_rows, &french),
        flow(&lines, &of_lines(View { ..french }, &lines)),
        presence(&lines, &french),
    ] {
        let option = chart.option(Palette::Page).unwrap();
        for gloss in [gloss, known] {
            assert!(!option.contains(gloss), "{} tells {gloss}", chart.name);
        }
    }
}

#[test]
fn a_part_is_called_by_what_it_is_on_every_chart() {
    let revenue = BTreeMap::new();
    let block = "CHARGES D'INTERVENTION";
    let row = |label: &str| {
        vec![
            Cell::Year(FiscalYear::new(2024)),
            text(Side::Expense.name()),
            text(block),
            text(label),
            of_kind(Kind::Amount, 100),
            text("added"),
        ]
    };
    let lines = table(
        &LINE_COLUMNS,
        vec![row("Dont ménages"), row("Autres charges")],
    );
    let within = Selection {
        category: Some(block.to_owned()),
        side: Some(Side::Expense),
        ..selection()
    };
    for (language, name) in [
        (Language::French, "Aides aux ménages"),
        (Language::English, "Transfers to households"),
    ] {
        let shown = |selection| View {
            locale: Locale::of(language),
            ..of_lines(view(selection, &revenue, &[], Measure::Auto), &lines)
        };
        let parts = by_category(&["Dont ménages", "Autres charges"]);
        let whole = selection();
        for chart in [
            flow(&lines, &shown(&whole)),
            presence(&lines, &shown(&whole)),
            categories(&parts, &shown(&within)),
        ] {
            let keys = chart.legend.iter().map(|key| key.label.clone());
            let told: Vec<String> = keys.chain([drawn(&chart)]).collect();
            let told = told.join(" ");
            assert!(told.contains(name), "{}: {told}", chart.name);
            assert!(
                !told.contains("Dont ") && !told.contains("of which"),
                "{told}"
            );
        }
    }
}

#[test]
fn an_axis_is_marked_at_round_values_wherever_it_ends() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let view = view(&selection, &revenue, &[], Measure::Auto);
    // Thousands of euros, whose least is far from a round one.
    let rows = [("moins", -8_300_000), ("plus", 2_100_000)];
    let rows = rows.map(|(name, difference)| change(name, [0, difference, difference]));
    let svg = drawn(&changes(&table(&CHANGE_COLUMNS, rows.to_vec()), &view));
    for tick in ["−50", "0"] {
        assert!(svg.contains(&format!(">{tick}")), "{tick}: {svg}");
    }
    // The line of zero is where both bars begin.
    let zero = svg
        .split("<path d=\"M")
        .find(|path| path.contains("stroke=\"var(--ink-3)\""));
    let zero: i64 = zero
        .unwrap()
        .split(['.', ' '])
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let bars: Vec<&str> = svg.split("<rect").skip(1).collect();
    assert_eq!(bars.len(), 2, "{svg}");
    for bar in bars {
        let [x, width] = ["x", "width"].map(|name| hundredths(bar, name) / 100);
        let near = [x, x + width].iter().any(|end| (end - zero).abs() <= 1);
        assert!(near, "{zero}: {bar}");
    }
}

#[test]
fn a_name_turns_no_figure_around() {
    let (selection, revenue) = (selection(), BTreeMap::new());
    let view = view(&selection, &revenue, &[], Measure::Auto);
    let lines = lines_of_amounts(&[
        (Side::Revenue, "\u{202e}dons", 18_700),
        (Side::Expense, "سطر", 18_700),
    ]);
    let svg = drawn(&flow(&lines, &of_lines(view, &lines)));
    assert!(!svg.contains('\u{202e}') && svg.contains("dons"), "{svg}");
    assert!(svg.contains("سطر\u{200e}"), "{svg}");
}
