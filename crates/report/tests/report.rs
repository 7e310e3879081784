//! The PDF as its readers have it: its text, its structure, and what no label can do to it.

mod common;

use centime_accounts::{Activity, Centimes, FiscalYear, Side};
use centime_analytics::{Basis, Inhabitants, Language};
use centime_render::dashboard::ViewRequest;
use centime_render::language::format;
use centime_render::report::Block;
use centime_warehouse::Subject;
use centime_warehouse::aggregates::Population;
use common::{Made, Pdf, line, squeezed, usual};

#[test]
fn the_text_has_the_figures_exactly() {
    let made = usual();
    for language in Language::ALL {
        let report = made.report(language, ViewRequest::default());
        let text = Pdf::read(&centime_report::pdf(&report).unwrap()).text();
        let mut amounts = 0;
        for line in made
            .lines
            .iter()
            .filter(|line| line.fiscal_year == FiscalYear::new(2024))
        {
            let amount = format::amount(line.amount.unwrap(), language);
            assert!(text.contains(&squeezed(&amount)), "{amount}: {text}");
            amounts += 1;
        }
        assert_eq!(amounts, 4);
        // A letter that is not seen would be copied with the figure beside it.
        assert!(!text.contains('\u{2060}'), "{text}");
        // Every cell of every table is there to be read and copied.
        for block in report.sections.iter().flat_map(|section| &section.blocks) {
            if let Block::Table(table) = block {
                for cell in table.rows.iter().chain(&table.totals).flatten() {
                    let told = squeezed(cell.text.as_deref().unwrap_or("—"));
                    let plain = told.replace('-', "");
                    let all = text.replace('-', "");
                    assert!(all.contains(&plain), "{plain}: {text}");
                }
            }
        }
    }
}

#[test]
fn a_chart_of_rounded_figures_says_so_beside_it() {
    for language in Language::ALL {
        let note = centime_render::Locale::of(language).text("chart.rounded");
        let report = usual().report(language, ViewRequest::default());
        let mut charts = 0;
        for section in &report.sections {
            let drawn = |block: &Block| matches!(block, Block::Figure(_));
            // A chart without a table of amounts shows which lines have one.
            let amounts = |block: &Block| matches!(block, Block::Table(_));
            if !section.blocks.iter().any(drawn) || !section.blocks.iter().any(amounts) {
                continue;
            }
            charts += 1;
            let says = |block: &Block| match block {
                Block::Notes { items } => items.iter().any(|item| item == note),
                _ => false,
            };
            assert!(section.blocks.iter().any(says), "{}", section.title);
        }
        assert!(charts > 3, "{charts}");
    }
}

#[test]
fn an_amount_below_zero_changes_no_total_and_is_named() {
    let line = |side, label, amount| line(2024, side, "CHAPITRE", label, Some(amount));
    let made = Made::new(vec![
        line(Side::Revenue, "Taxes", 100_000_000),
        line(Side::Revenue, "Rebates", -30_000_000),
        line(Side::Expense, "Staff", 40_000_000),
        line(Side::Expense, "Refunds", -10_100_000),
    ]);
    let report = made.report(Language::English, ViewRequest::default());
    let pdf = Pdf::read(&centime_report::pdf(&report).unwrap());
    let said = report.cover.summary.concat();
    assert!(said.contains("€401,000"), "{said}");
    let told = |figure: &&lopdf::Dictionary| {
        let told = lopdf::decode_text_string(figure.get(b"Alt").unwrap());
        told.unwrap_or_default()
    };
    let figures = pdf.tagged("Figure");
    let flow = figures
        .iter()
        .map(told)
        .find(|told| told.contains("Goes to"));
    let flow = flow.expect("a figure of the flow");
    for part in [
        "Revenue: €700.0k",
        "Expense: €299.0k",
        "Result: €401.0k",
        "Negative revenue: Rebates: −€300.0k",
        "Negative expense: Refunds: −€101.0k",
        "Surplus: €401.0k",
    ] {
        assert!(flow.contains(part), "{part}: {flow}");
    }
    let text = pdf.text();
    let note = "2 lines below zero take from their side";
    assert!(text.contains(&squeezed(note)), "{text}");
}

#[test]
fn totals_are_those_of_the_rows() {
    let made = usual();
    let report = made.report(Language::English, compared(2024, 2023));
    let section = |subject: &str| {
        let found = report.sections.iter().find(|section| {
            // A title says what the chart shows, and the line below it what is measured.
            let measures = |block: &Block| match block {
                Block::Figure(figure) => figure.unit.starts_with(subject),
                _ => false,
            };
            section.title == subject || section.blocks.iter().any(measures)
        });
        found.unwrap_or_else(|| panic!("{:?}", report.sections))
    };
    let totals = |title: &str| -> Vec<Vec<String>> {
        let tables = section(title)
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Table(table) => Some(&table.totals),
                _ => None,
            });
        tables
            .flatten()
            .map(|row| {
                row.iter()
                    .map(|cell| cell.text.clone().unwrap_or_default())
                    .collect()
            })
            .collect()
    };
    let sum = |year: u16, side: Side| {
        let year = FiscalYear::new(year);
        let lines = made
            .lines
            .iter()
            .filter(|line| line.fiscal_year == year && line.side == Some(side));
        lines.map(|line| line.amount.unwrap()).sum::<Centimes>()
    };
    let written = |amount: Centimes| format::amount(amount, Language::English);
    let expense: Vec<String> = [2022, 2023, 2024]
        .map(|year| written(sum(year, Side::Expense)))
        .into();
    assert_eq!(totals("Expense by category")[0][1..], expense);
    // What changed are the lines of both sides, which have no sum together.
    assert!(totals("What changed from 2023 to 2024").is_empty());
    let flow = totals("From revenue to expense, 2024");
    assert_eq!(flow[0].last(), Some(&written(sum(2024, Side::Revenue))));
    assert_eq!(flow[1].last(), Some(&written(sum(2024, Side::Expense))));
}

#[test]
fn a_missing_amount_has_no_total_and_is_named() {
    let mut made = usual();
    made.lines
        .push(line(2024, Side::Expense, "CHARGES", "Énergie", None));
    let made = Made::new(made.lines);
    let report = made.report(Language::French, ViewRequest::default());
    let told = report.cover.summary.join(" ");
    let named = "2024 est incomplet\u{a0}: 1 montant nécessaire n’est pas publié.";
    assert!(told.contains(named), "{told}");
    // The year that is looked at is the latest one that is whole.
    assert!(told.starts_with("En 2023"), "{told}");
    let categories = report.sections.iter().flat_map(|section| &section.blocks);
    let totals: Vec<_> = categories
        .filter_map(|block| match block {
            Block::Table(table) if table.totals.len() == 1 && table.columns.len() == 4 => {
                Some(&table.totals[0])
            }
            _ => None,
        })
        .collect();
    assert_eq!(totals[0][3].text, None, "{totals:?}");
    let text = Pdf::read(&centime_report::pdf(&report).unwrap()).text();
    assert!(text.contains("Énergie"), "{text}");
}

/// A view of a year, compared with another.
fn compared(focus: u16, against: u16) -> ViewRequest {
    ViewRequest {
        focus: Some(FiscalYear::new(focus)),
        against: Some(FiscalYear::new(against)),
        ..ViewRequest::default()
    }
}

#[test]
fn words_follow_the_figures() {
    let made = usual();
    let summary = |focus: u16, against: u16| {
        made.report(Language::English, compared(focus, against))
            .cover
            .summary
            .join("\n")
    };
    let up = summary(2023, 2022);
    assert!(up.contains("From 2022 to 2023, revenue rose by"), "{up}");
    assert!(up.contains("expense rose by"), "{up}");
    let down = summary(2024, 2023);
    assert!(
        down.contains("From 2023 to 2024, revenue fell by"),
        "{down}"
    );
    assert!(down.contains("(\u{2212}3.88%)"), "{down}");
    // Whichever of the two is looked at, time goes forward.
    let back = summary(2022, 2023);
    assert!(
        back.contains("From 2022 to 2023, revenue rose by"),
        "{back}"
    );
    let grew = "In expense, the largest rise is that of";
    assert!(back.contains(grew), "{back}");
}

#[test]
fn it_is_tagged_archivable_and_carries_its_data() {
    let made = usual();
    let report = made.report(Language::French, ViewRequest::default());
    let pdf = Pdf::read(&centime_report::pdf(&report).unwrap());
    let catalog = pdf.catalog();
    let marked = pdf.resolved(catalog.get(b"MarkInfo").unwrap());
    assert!(
        marked
            .as_dict()
            .unwrap()
            .get(b"Marked")
            .unwrap()
            .as_bool()
            .unwrap()
    );
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"fr");
    let english = Pdf::read(&made.pdf(Language::English, ViewRequest::default()));
    let language = english.catalog().get(b"Lang").unwrap();
    assert_eq!(language.as_str().unwrap(), b"en");
    assert!(catalog.get(b"StructTreeRoot").is_ok());
    assert!(catalog.get(b"Outlines").is_ok());
    let metadata = pdf.metadata();
    for said in [
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        "2026-03-04T05:06:07",
    ] {
        assert!(metadata.contains(said), "{said}: {metadata}");
    }
    // Every drawing is a figure that says what it shows.
    let figures = pdf.tagged("Figure");
    assert_eq!(figures.len(), report.drawings.len());
    assert!(!figures.is_empty());
    let told = figures.iter().map(|figure| {
        let told = lopdf::decode_text_string(figure.get(b"Alt").unwrap());
        told.unwrap()
    });
    let mut told: Vec<String> = told.collect();
    let mut expected: Vec<String> = report
        .sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter_map(|block| match block {
            Block::Figure(figure) => Some(figure.alt_text.clone()),
            _ => None,
        })
        .collect();
    told.sort();
    expected.sort();
    assert_eq!(told, expected);
    assert!(told.iter().all(|told| told.len() > 40), "{told:?}");
    // Tables have heads, and headings lead through the document.
    assert!(!pdf.tagged("TH").is_empty());
    // The title, then the sections, what is in brief and the contents.
    assert_eq!(pdf.tagged("H1").len(), 1);
    assert_eq!(pdf.tagged("H2").len(), report.sections.len() + 2);
    let files: Vec<String> = pdf
        .dictionaries()
        .filter(|it| {
            it.get(b"Type")
                .and_then(lopdf::Object::as_name)
                .is_ok_and(|name| name == b"Filespec")
        })
        .map(|it| String::from_utf8_lossy(it.get(b"F").unwrap().as_str().unwrap()).into_owned())
        .collect();
    assert!(files.contains(&"lines.csv".to_owned()), "{files:?}");
    assert_eq!(files.len(), report.files.len());
}

#[test]
fn the_same_report_has_the_same_bytes() {
    let made = usual();
    for language in Language::ALL {
        let first = made.pdf(language, ViewRequest::default());
        assert_eq!(first, made.pdf(language, ViewRequest::default()));
        assert_ne!(
            first,
            made.pdf(
                language,
                ViewRequest {
                    from: Some(FiscalYear::new(2023)),
                    ..ViewRequest::default()
                }
            )
        );
    }
}

#[test]
fn no_label_becomes_markup() {
    let hostile = [
        "#read(\"report.json\") $x$ *b* _i_ `c` @ref <l> = H \\ // [x](y)",
        "#{panic()} #import \"@preview/x:1.0.0\": *",
        "\"; evil(); // \u{0}\u{7}\u{1b}[31m\u{202e}\u{feff}\u{e000}",
        "😀 漢字 العربية ﷽ e\u{301}\u{200b}\u{ad}",
        "</text><script>alert(1)</script>&amp;&lt;",
        "",
        "   ",
    ];
    let mut lines = Vec::new();
    for year in [2023, 2024] {
        for label in hostile {
            lines.push(line(year, Side::Expense, label, label, Some(12_345)));
            lines.push(line(year, Side::Revenue, label, label, Some(23_456)));
        }
        let long = "Très-long".repeat(400);
        lines.push(line(year, Side::Expense, &long, &long, Some(1)));
    }
    let mut made = Made::new(lines);
    made.body.name = hostile[0].to_owned();
    made.datasets[0].title = hostile[1].to_owned();
    made.datasets[0].publisher = Some(hostile[2].to_owned());
    for language in Language::ALL {
        let text = Pdf::read(&made.pdf(language, ViewRequest::default())).text();
        // It is there as it is written, and did nothing.
        assert!(
            text.contains("#read(\"report.json\")$x$*b*_i_`c`@ref<l>=H\\//[x](y)"),
            "{text}"
        );
        assert!(text.contains("#{panic()}"), "{text}");
        let category = ViewRequest {
            category: Some(hostile[0].to_owned()),
            side: Some(Side::Expense),
            ..ViewRequest::default()
        };
        assert!(Pdf::read(&made.pdf(language, category)).pages() > 3);
    }
}

#[test]
fn no_word_leaves_its_page() {
    let endless = "W".repeat(150);
    let amounts = |year: u16| {
        let amount = i64::from(year);
        [(Side::Expense, amount), (Side::Revenue, 2 * amount)]
    };
    let of_year = |year| {
        amounts(year).map(|(side, amount)| line(year, side, &endless, &endless, Some(amount)))
    };
    let mut made = Made::new([2024, 2023].into_iter().flat_map(of_year).collect());
    made.body.name.clone_from(&endless);
    for language in Language::ALL {
        let pdf = Pdf::read(&made.pdf(language, ViewRequest::default()));
        // A page has room for some sixty of these letters beside each other.
        for line in pdf.lines() {
            assert!(!line.contains(&"W".repeat(100)), "{line}");
        }
        let place = |letter: char| letter == '\u{200b}' || letter.is_whitespace();
        let whole = pdf.text().replace(place, "");
        assert!(whole.contains(&endless));
    }
}

#[test]
fn no_address_of_the_data_can_run_anything() {
    let pdf = Pdf::read(&usual().pdf(Language::French, ViewRequest::default()));
    let addresses: Vec<String> = pdf
        .dictionaries()
        .filter_map(|it| it.get(b"A").ok())
        .filter_map(|action| pdf.resolved(action).as_dict().ok())
        .filter_map(|action| action.get(b"URI").ok())
        .map(|uri| String::from_utf8_lossy(uri.as_str().unwrap()).into_owned())
        .collect();
    assert!(
        addresses.contains(&"https://example.fr/dashboard".to_owned()),
        "{addresses:?}"
    );
    assert!(
        addresses.iter().all(|it| it.starts_with("https://")),
        "{addresses:?}"
    );
}

#[test]
fn a_hundred_and_fifty_categories_of_twelve_years_fit_on_pages() {
    let mut lines = Vec::new();
    for year in 2013..2025 {
        for category in 0..150 {
            let name = format!("CATÉGORIE NUMÉRO {category}");
            lines.push(line(
                year,
                Side::Expense,
                &name,
                &name,
                Some(category * 100_000_000_000 + i64::from(year)),
            ));
        }
    }
    lines.reverse();
    let made = Made::new(lines);
    let report = made.report(Language::English, ViewRequest::default());
    // Twelve years of large amounts do not fit beside each other on one page.
    let parts = report
        .sections
        .iter()
        .flat_map(|section| &section.blocks)
        .filter(
            |block| matches!(block, Block::Table(table) if table.rows.len() == 150 && table.wide),
        );
    assert!(parts.count() > 1);
    let pdf = Pdf::read(&centime_report::pdf(&report).unwrap());
    assert!(pdf.pages() > 10, "{}", pdf.pages());
    // A table takes its heads along: every page of it says what its columns are.
    let mut long = 0;
    for page in pdf.texts() {
        if page.matches(",000,020.").count() > 40 {
            long += 1;
            let has_head =
                page.contains("Category") || page.contains("Line2024") || page.contains("Line2018");
            assert!(has_head, "{page}");
        }
    }
    assert!(long > 4, "{long}");
}

#[test]
fn the_first_page_says_what_must_not_be_overlooked_and_what_is_looked_at() {
    let mut made = usual();
    for language in Language::ALL {
        let locale = centime_render::Locale::of(language);
        let sample = locale.text("sample.title");
        let naive = locale.text("report.naive_title");
        for is_sample in [true, false] {
            made.revision.sample = is_sample;
            for basis in Basis::ALL {
                let report = made.report(
                    language,
                    ViewRequest {
                        basis: Some(basis),
                        from: Some(FiscalYear::new(2023)),
                        ..ViewRequest::default()
                    },
                );
                let texts = Pdf::read(&centime_report::pdf(&report).unwrap()).texts();
                let first = &texts[0];
                let says = |text: &str| first.contains(&squeezed(text));
                assert_eq!(says(sample), is_sample, "{first}");
                assert_eq!(says(naive), basis == Basis::Naive, "{first}");
                assert!(says(locale.term("basis", basis.name())), "{first}");
                assert!(
                    says(&locale.years(FiscalYear::new(2023), FiscalYear::new(2024))),
                    "{first}"
                );
                // The way back is to this very view.
                let address = format!("https://example.fr/dashboard?from=2023&basis={basis}");
                assert!(says(&address), "{first}");
                for link in report
                    .cover
                    .facts
                    .iter()
                    .filter_map(|fact| fact.link.as_ref())
                {
                    assert_eq!(*link, address);
                }
                // Every page says it of a sample at its foot.
                assert_eq!(
                    report.footer.contains(sample),
                    is_sample,
                    "{}",
                    report.footer
                );
                for page in &texts[1..] {
                    assert!(page.contains(&squeezed(&report.footer)), "{page}");
                }
                // No page may be taken for one of the official account, the first neither.
                let mark = squeezed(locale.text("identity.unofficial"));
                for (number, page) in texts.iter().enumerate() {
                    assert!(page.contains(&mark), "page {}: {page}", number + 1);
                }
                for known in [
                    "identity.standing_text",
                    "identity.state_unknown",
                    "budget.main",
                ] {
                    assert!(says(locale.text(known)), "{known}: {first}");
                }
                let dated = texts
                    .iter()
                    .filter(|page| page.contains(&made.revision.fingerprint));
                assert_eq!(dated.count(), 1);
            }
        }
    }
}

#[test]
fn the_balance_sheet_stands_beside_the_result() {
    let mut made = usual();
    made.reconciled(2024, Some(-123_456_789), Some(987_654_321));
    for language in Language::ALL {
        let text = Pdf::read(&made.pdf(language, ViewRequest::default())).text();
        for amount in [-123_456_789, 987_654_321, 987_654_321 + 123_456_789] {
            let written = squeezed(&format::amount(Centimes::new(amount), language));
            assert!(text.contains(&written), "{written}: {text}");
        }
    }
}

#[test]
fn the_data_that_are_attached_are_those_of_the_view() {
    let made = usual();
    let report = made.report(
        Language::French,
        ViewRequest {
            from: Some(FiscalYear::new(2023)),
            side: Some(Side::Expense),
            ..ViewRequest::default()
        },
    );
    let pdf = Pdf::read(&centime_report::pdf(&report).unwrap());
    let attached = pdf.attached("lines.csv");
    let mut rows = csv::Reader::from_reader(attached.as_bytes());
    let heads = rows.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let (year, amount) = (column("fiscal_year"), column("amount"));
    let mut found: Vec<(String, String)> = rows
        .records()
        .map(|row| {
            let row = row.unwrap();
            (row[year].to_owned(), row[amount].to_owned())
        })
        .collect();
    let mut expected: Vec<(String, String)> = made
        .lines
        .iter()
        .filter(|line| {
            line.fiscal_year >= FiscalYear::new(2023) && line.side == Some(Side::Expense)
        })
        .map(|line| {
            let centimes = line.amount.unwrap().get();
            let decimal = format!("{}.{:02}", centimes / 100, centimes % 100);
            (line.fiscal_year.to_string(), decimal)
        })
        .collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn an_empty_statement_has_a_report_that_says_so() {
    let made = Made::new(Vec::new());
    for language in Language::ALL {
        let pdf = Pdf::read(&made.pdf(language, ViewRequest::default()));
        assert!(pdf.pages() >= 2);
    }
    // So has a selection in which there is nothing.
    let pdf = Pdf::read(&usual().pdf(
        Language::French,
        ViewRequest {
            activity: Some(Activity::Financial),
            ..ViewRequest::default()
        },
    ));
    assert!(pdf.pages() >= 2);
}

/// The columns of the tables of the statement, and the cells of each row.
fn statement(made: &Made, language: Language) -> (Vec<String>, Vec<Vec<Option<String>>>) {
    let report = made.report(language, ViewRequest::default());
    let of_lines = match language {
        Language::French => "Ligne",
        Language::English => "Line",
    };
    let mut blocks = report.sections.iter().flat_map(|section| &section.blocks);
    let table = blocks.find_map(|block| match block {
        Block::Table(table) if table.columns[0].label == of_lines => Some(table),
        _ => None,
    });
    let table = table.unwrap();
    let columns = table.columns.iter().map(|column| column.label.clone());
    let row = |row: &Vec<centime_render::report::Cell>| -> Vec<Option<String>> {
        row.iter().map(|cell| cell.text.clone()).collect()
    };
    (columns.collect(), table.rows.iter().map(row).collect())
}

#[test]
fn the_statement_says_what_the_latest_year_with_inhabitants_is_for_each() {
    let mut made = usual();
    for language in Language::ALL {
        let (columns, _) = statement(&made, language);
        assert_eq!(columns.len(), 4, "{columns:?}");
    }
    // Of 2024 it is not known how many there are.
    made.inhabitants = Inhabitants::among(
        &[Population {
            siren: made.body.siren.clone(),
            fiscal_year: FiscalYear::new(2023),
            population: 700,
            subject: Subject::AccountBalances,
        }],
        &made.body.siren,
    );
    for (language, head) in [
        (Language::French, "Par habitant en 2023"),
        (Language::English, "Per inhabitant in 2023"),
    ] {
        let (columns, rows) = statement(&made, language);
        assert_eq!(columns.last().unwrap(), head);
        let at = columns.iter().position(|label| label == "2023").unwrap();
        let mut amounts = 0;
        for line in &made.lines {
            if line.fiscal_year != FiscalYear::new(2023) {
                continue;
            }
            let amount = line.amount.unwrap();
            let shown = Some(format::amount(amount, language));
            // Halves away from zero.
            let (whole, rest) = (amount.get() / 700, amount.get() % 700);
            let each = whole
                + if rest.abs() * 2 >= 700 {
                    rest.signum()
                } else {
                    0
                };
            let each = Some(format::amount(Centimes::new(each), language));
            let mut of_amount = rows.iter().filter(|row| row[at] == shown);
            assert!(
                of_amount.all(|row| *row.last().unwrap() == each),
                "{line:?}: {rows:?}"
            );
            amounts += rows.iter().filter(|row| row[at] == shown).count();
        }
        assert!(amounts >= 4, "{amounts}: {rows:?}");
        Pdf::read(&made.pdf(language, ViewRequest::default()));
    }
}
