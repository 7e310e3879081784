use super::*;

fn year(text: &str) -> FiscalYear {
    FiscalYear::parse(text).unwrap()
}

type Columns = (Option<i64>, Option<i64>, Option<i64>);

fn row(published: &str, side: &str, label: &str, columns: Columns) -> BalanceRow {
    BalanceRow {
        record: 1,
        year: year(published),
        side: side.into(),
        category: if side == "ACTIF" {
            "ACTIF IMMOBILISE"
        } else {
            "FONDS PROPRES"
        }
        .into(),
        label: label.into(),
        gross: columns.0.map(Centimes::new),
        depreciation: columns.1.map(Centimes::new),
        net: columns.2.map(Centimes::new),
    }
}

/// 2016 and 2017 from one statement: 2016 balances at 90 000, 2017 at 100 000.
fn shifted() -> Vec<BalanceRow> {
    vec![
        row(
            "2016",
            "ACTIF",
            "Terrains",
            (Some(130_000), Some(30_000), Some(90_000)),
        ),
        row(
            "2016",
            "PASSIF",
            "Réserves",
            (Some(99_000), None, Some(88_000)),
        ),
        row(
            "2016",
            "PASSIF",
            "Resultat de l'exercice",
            (Some(1_000), None, Some(2_000)),
        ),
        row(
            "2017",
            "ACTIF",
            "Terrains",
            (Some(30_000), None, Some(100_000)),
        ),
        row("2017", "PASSIF", "Réserves", (None, None, None)),
        row(
            "2017",
            "PASSIF",
            "Resultat de l'exercice",
            (None, None, None),
        ),
    ]
}

#[test]
fn shifted_columns_are_proven_and_put_back() {
    let sheet = BalanceSheet::new(&shifted());
    assert_eq!(sheet.shifts.len(), 1);
    assert_eq!(
        sheet.published_result(year("2016")),
        Some(Centimes::new(2_000))
    );
    assert_eq!(
        sheet.published_result(year("2017")),
        Some(Centimes::new(1_000))
    );
    for (published, total) in [("2016", 90_000), ("2017", 100_000)] {
        for side in [BalanceSide::Asset, BalanceSide::Liability] {
            assert_eq!(
                sheet.net_total(year(published), side),
                Some(Centimes::new(total))
            );
        }
    }
}

#[test]
fn without_proof_no_column_is_moved() {
    let breaking: [fn(&mut Vec<BalanceRow>); 4] = [
        |rows| rows[1].gross = Some(Centimes::new(5)),
        |rows| rows[3].net = Some(Centimes::new(5)),
        |rows| rows[4].net = Some(Centimes::new(5)),
        |rows| rows[3].gross = Some(Centimes::new(5)),
    ];
    for change in breaking {
        let mut rows = shifted();
        change(&mut rows);
        let sheet = BalanceSheet::new(&rows);
        assert_eq!(sheet.shifts, []);
        assert_eq!(
            sheet.published_result(year("2016")),
            Some(Centimes::new(2_000))
        );
    }
}

#[test]
fn a_year_with_only_gross_liabilities_keeps_them() {
    let sheet = BalanceSheet::new(&[
        row(
            "2018",
            "PASSIF",
            "RESULTAT DE L'EXERCICE",
            (Some(36_490), None, None),
        ),
        row(
            "2019",
            "PASSIF",
            "Résultat de l’exercice",
            (None, None, None),
        ),
    ]);
    assert_eq!(
        sheet.published_result(year("2018")),
        Some(Centimes::new(36_490))
    );
    assert_eq!(sheet.published_result(year("2019")), None);
}

#[test]
fn depreciation_that_was_not_published_is_not_zero() {
    let label = "Immobilisations financières";
    let sheet = BalanceSheet::new(&[
        row("2020", "ACTIF", label, (Some(500), None, None)),
        row("2021", "ACTIF", label, (Some(500), Some(20), None)),
    ]);
    assert_eq!(sheet.lines[0].net, None);
    assert_eq!(sheet.lines[1].net, Some(Centimes::new(480)));
}

#[test]
fn two_results_that_differ_are_none() {
    let sheet = BalanceSheet::new(&[
        row(
            "2020",
            "PASSIF",
            "Résultat de l'exercice",
            (None, None, Some(1)),
        ),
        row(
            "2020",
            "PASSIF",
            "RESULTAT DE L'EXERCICE",
            (None, None, Some(2)),
        ),
    ]);
    assert_eq!(sheet.published_result(year("2020")), None);
}

/// A sheet with the rows of a form, of one year.
fn sheet_of(rows: &[(&str, &str, Option<i64>)]) -> BalanceSheet {
    let rows: Vec<BalanceRow> = (1..)
        .zip(rows)
        .map(|(record, (side, label, net))| BalanceRow {
            record,
            category: "TRÉSORERIE".into(),
            ..row("2023", side, label, (None, None, *net))
        })
        .collect();
    BalanceSheet::new(&rows)
}

#[test]
fn what_is_brought_forward_is_held_against_the_year_before() {
    let years = |brought: Option<i64>, reserves: i64| {
        let of = |year, label, net| row(year, "PASSIF", label, (None, None, Some(net)));
        let mut later = of("2023", "REPORT A NOUVEAU", 0);
        later.net = brought.map(Centimes::new);
        let sheet = BalanceSheet::new(&[
            of("2022", "Report à nouveau", 60_904_196),
            of("2022", "Résultat de l'exercice", 15_900_949),
            of("2022", "Réserves", 5),
            later,
            of("2023", "Réserves", 5 + reserves),
        ]);
        let found = sheet.brought_forward();
        found
            .first()
            .map(|found| (found.expected.get(), found.is_explained()))
    };
    assert_eq!(years(Some(76_805_145), 0), Some((76_805_145, true)));
    assert_eq!(years(Some(76_805_045), 100), Some((76_805_145, true)));
    assert_eq!(years(Some(76_805_144), 0), Some((76_805_145, false)));
    assert_eq!(years(None, 0), None);
}

#[test]
fn an_empty_cell_is_nothing_where_the_sheet_balances() {
    let found = sheet_of(&[
        ("ACTIF", "Disponibilités", Some(5)),
        ("PASSIF", "Report à nouveau", None),
        ("PASSIF", "Dettes", Some(5)),
    ]);
    let of_kind = |sheet: &BalanceSheet| sheet.of_kind(year("2023"), BalanceKind::BroughtForward);
    assert_eq!(of_kind(&found), Some(Centimes::ZERO));
    let found = sheet_of(&[
        ("ACTIF", "Disponibilités", Some(500)),
        ("PASSIF", "Report à nouveau", None),
    ]);
    assert_eq!(of_kind(&found), None);
}

#[test]
fn financial_assets_are_found_by_label_and_place() {
    let kinds = |rows: &[(&str, &str, Option<i64>)]| {
        let found = sheet_of(rows).lines.into_iter();
        let financial = found.filter(|line| line.kind == BalanceKind::FinancialAsset);
        financial.map(|line| line.label).collect::<Vec<_>>()
    };
    for label in [
        "IMMOBILISATIONS FINANCIÈRES",
        "Immobilisations financières (nettes)",
    ] {
        let rows = [
            ("ACTIF", label, Some(65_245)),
            ("ACTIF", "TOTAL ACTIF IMMOBILISÉ (I)", Some(65_245)),
            ("ACTIF", "Autres créances", Some(7)),
            ("ACTIF", "VALEURS MOBILIÈRES DE PLACEMENT", None),
        ];
        assert_eq!(kinds(&rows), [label, "VALEURS MOBILIÈRES DE PLACEMENT"]);
    }
    let heading = |amount| {
        [
            ("ACTIF", "Immobilisations financières", amount),
            ("ACTIF", "Prêts", Some(3)),
            ("ACTIF", "Autres titres immobilisés", Some(4)),
            ("ACTIF", "TOTAL ACTIF IMMOBILISÉ (I)", Some(7)),
        ]
    };
    let amounts = |amount| {
        let sheet = sheet_of(&heading(amount));
        let financial = sheet
            .lines
            .iter()
            .filter(|line| line.kind == BalanceKind::FinancialAsset);
        financial.filter_map(|line| line.net).sum::<Centimes>()
    };
    assert_eq!(amounts(None), Centimes::new(7));
    assert_eq!(amounts(Some(7)), Centimes::new(7));
}

#[test]
fn financial_assets_are_told_from_other_receivables() {
    let mut current = row("2016", "ACTIF", "Autres créances", (None, None, Some(1)));
    current.category = "ACTIF CIRCULANT".into();
    let fixed = row("2016", "ACTIF", "Autres créances", (None, None, Some(1)));
    let sheet = BalanceSheet::new(&[current, fixed]);
    assert_eq!(sheet.lines[0].kind, BalanceKind::Other);
    assert_eq!(sheet.lines[1].kind, BalanceKind::FinancialAsset);
}
