//! Statements that were shown wrongly, and what every surface says of them now.

use centime_server::Settings;

use super::statement::{Made, View};
use super::surfaces::{Check, between, unescaped};
use super::{Bench, Shown, fail_where};

/// The lines of a small town: five million of taxes and what else it has.
const TOWN: [(&str, &str, &str, &str); 6] = [
    (
        "revenue",
        "operating",
        "RECETTES COURANTES",
        "Contributions des habitants",
    ),
    (
        "revenue",
        "operating",
        "RECETTES COURANTES",
        "Droits d'entrée de la piscine",
    ),
    (
        "expense",
        "operating",
        "DEPENSES COURANTES",
        "Traitements des agents",
    ),
    (
        "expense",
        "operating",
        "DEPENSES COURANTES",
        "Énergie et fluides",
    ),
    (
        "expense",
        "financial",
        "DEPENSES FINANCIERES",
        "Intérêts des emprunts",
    ),
    (
        "revenue",
        "exceptional",
        "RECETTES EXCEPTIONNELLES",
        "Ventes de terrains",
    ),
];

fn town(name: &str, years: &[(i64, [i64; 6])]) -> Made {
    let rows: Vec<_> = years
        .iter()
        .flat_map(|(year, amounts)| {
            TOWN.iter()
                .zip(amounts)
                .map(|((side, activity, category, label), amount)| {
                    (*year, *side, *activity, *category, *label, *amount)
                })
        })
        .collect();
    Made::from_rows(name, &rows)
}

/// What the flow says of its totals, on a page, as SVG, in a report.
async fn told(shown: &Shown, year: i64) -> [String; 3] {
    let query = format!("?lang=fr&focus={year}");
    let page = shown.text(&format!("/dashboard{query}")).await;
    let figure = between(&page, "id=\"chart-flow\"", "</figure>");
    let svg = shown.text(&format!("/dashboard/flow.svg{query}")).await;
    let report = shown
        .text(&format!("/reports/income-statement.pdf{query}"))
        .await;
    [unescaped(figure), unescaped(&svg), report]
}

fn say(told: &[String; 3], wanted: &str) {
    for (text, surface) in told.iter().zip(["page", "SVG", "report"]) {
        assert!(
            text.contains(wanted),
            "{surface} does not say «{wanted}»: {text}"
        );
    }
}

fn do_not_say(told: &[String; 3], unwanted: &str) {
    for (text, surface) in told.iter().zip(["page", "SVG", "report"]) {
        assert!(
            !text.contains(unwanted),
            "{surface} says «{unwanted}»: {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_flow_of_2016_says_the_result_that_was_published() {
    let shown = Shown::printing(Bench::new(Settings::default()).await).await;
    let told = told(&shown, 2016).await;
    for total in [
        "Résultat\u{a0}: 211,0\u{a0}M€",
        "Excédent\u{a0}: 211,0\u{a0}M€",
    ] {
        say(&told, total);
    }
    do_not_say(&told, "Excédent\u{a0}: 319");
    do_not_say(&told, "Excédent  319");
    // What is below zero is named, in files that have no page around them, too.
    say(&told, "Produit négatif\u{a0}: ");
    say(&told, "négative");
    let drawn = shown.text("/dashboard/flow.svg?lang=en&focus=2016").await;
    assert!(drawn.contains("Surplus  €211.0m"), "{drawn}");
    let option = shown
        .text("/dashboard/flow.option?lang=fr&focus=2016")
        .await;
    assert!(
        option.contains("211\u{a0}037\u{a0}496,68\u{a0}€"),
        "{option}"
    );
}

#[expect(clippy::many_single_char_names, reason = "the cases have letters")]
#[tokio::test(flavor = "multi_thread")]
async fn odd_amounts_are_shown_as_they_are() {
    let a = town(
        "one year",
        &[(
            2023,
            [
                500_000_010,
                25_000_025,
                310_000_033,
                90_000_047,
                12_000_099,
                8_000_001,
            ],
        )],
    );
    let b = town("all zero", &[(2022, [0; 6]), (2023, [0; 6])]);
    let c = town(
        "all below zero",
        &[
            (
                2022,
                [
                    -500_000_010,
                    -25_000_025,
                    -310_000_033,
                    -90_000_047,
                    -12_000_099,
                    -8_000_001,
                ],
            ),
            (
                2023,
                [
                    -550_000_011,
                    -27_500_028,
                    -341_000_036,
                    -99_000_052,
                    -13_200_109,
                    -8_800_001,
                ],
            ),
        ],
    );
    // Thirty years of signs that come and go; the last one has a negative revenue and a negative expense.
    let signs = |year: i64| {
        let of = |amount: i64, every: i64| if year % every == 0 { -amount } else { amount };
        (
            year,
            [
                of(500_000_010 + 1_000_000 * (year - 1994), 7),
                of(25_000_025, 2),
                310_000_033,
                of(90_000_047, 5),
                12_000_099,
                of(1, 3),
            ],
        )
    };
    let mut years: Vec<(i64, [i64; 6])> = (1994..=2022).map(signs).collect();
    years.push((
        2023,
        [
            529_699_245,
            -25_000_000,
            310_000_000,
            -63_000_000,
            12_000_000,
            0,
        ],
    ));
    let d = town("thirty years", &years);
    let rows: Vec<(String, String, i64)> = (0..60)
        .map(|number| {
            let amount = 111 * 10_i64.pow(u32::try_from(number % 9).unwrap());
            let amount = if number % 7 == 6 { -amount } else { amount };
            (
                format!("Groupe {number:02} au libellé plutôt long"),
                format!("Ligne {number:02}"),
                amount,
            )
        })
        .collect();
    let rows: Vec<_> = rows
        .iter()
        .enumerate()
        .flat_map(|(number, (category, label, amount))| {
            let side = if number % 2 == 0 {
                "revenue"
            } else {
                "expense"
            };
            [2022, 2023].map(|year| {
                (
                    year,
                    side,
                    "operating",
                    category.as_str(),
                    label.as_str(),
                    *amount,
                )
            })
        })
        .collect();
    let e = Made::from_rows("sixty categories", &rows);
    let mut numbers = 0;
    for (made, result, texts) in [
        (&a, 120_999_857, &["Excédent\u{a0}: 1,2\u{a0}M€"][..]),
        (&b, 0, &["Tous les montants de 2023 sont égaux à zéro"]),
        (
            &c,
            -133_099_843,
            &[
                "Déficit\u{a0}: 1,3\u{a0}M€",
                "Produit négatif\u{a0}: Contributions des habitants\u{a0}: −5,5\u{a0}M€",
            ],
        ),
        (
            &d,
            245_699_245,
            &[
                "Excédent\u{a0}: 2,5\u{a0}M€",
                "Produit négatif\u{a0}: Droits d’entrée de la piscine\u{a0}: −250,0\u{a0}k€",
                "Charge négative\u{a0}: Énergie et fluides\u{a0}: −630,0\u{a0}k€",
            ],
        ),
        (&e, 0, &[]),
    ] {
        let view = View::whole(made);
        let known = made.totals(&view, 2023).result;
        if made.name != e.name {
            assert_eq!(known, Some(result), "{}", made.name);
        }
        let shown = Shown::of(made).await;
        let told = told(&shown, 2023).await;
        for text in texts {
            say(&told, text);
        }
        do_not_say(&told, "Rien ne peut être dessiné");
        // Labels here are official capitals, which charts write as sentences: files say them as they are.
        let answers = shown.analyses(true).await;
        let tally = Check::all(made, &view, &answers);
        numbers += tally.numbers;
        fail_where(&tally.wrong);
    }
    eprintln!("{numbers} numbers of odd amounts");
}
