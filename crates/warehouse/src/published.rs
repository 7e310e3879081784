//! The views that people and tools read with SQL: what is published now, and nothing else.
//!
//! Tables keep several revisions, one that is being written among them, and marts have each figure on two bases. Whoever
//! adds up a table without knowing that gets a multiple of the right figure. So readers are given views of
//! `published`, which follow the one pointer that every surface follows, name the public body and the unit of each
//! column, and take nothing for an amount that is none. On PostgreSQL the role of readers may read these only.
//!
//! Each view asks for the published revision by a subquery of its own, so that the server opens the tables of that one
//! revision. A view is plain enough for a cluster: tables that are distributed are joined by public body.

use crate::Warehouse;
use crate::engine::{Query, Transaction};
use crate::mart::{Form, Model, comment, comment_on};
use crate::table::{Column, Kind};

/// The revision that readers see, as every view asks for it.
const NOW: &str = "(SELECT revision_id FROM ops.published)";

/// A view, and what makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    name: String,
    /// What makes the view, and says what it and its columns are.
    script: String,
}

/// A column of a view: its name, its expression, what its values mean.
#[derive(Clone, Debug)]
struct Shown {
    name: String,
    expression: String,
    meaning: String,
}

/// How a value that is kept is shown.
#[derive(Clone, Copy, Debug)]
enum As {
    /// As it is.
    Itself,
    /// Centimes, and euros beside them.
    Amount,
    /// A moment that is kept as a text.
    Moment,
    /// A list that is kept as JSON.
    List,
    /// A record that is kept as JSON.
    Record,
}

/// A view whose columns are the same whatever the analyses are.
struct Fixed {
    name: &'static str,
    about: &'static str,
    columns: &'static [(&'static str, &'static str, As, &'static str)],
    from: &'static str,
}

const SIREN: &str = "The SIREN number of the public body, or the SIRET number of one of its budgets where the source tells them apart; empty when not known.";
const BODY_NAME: &str = "The name of the public body.";
const YEAR: &str = "The fiscal year.";

/// Expense that was not recognised is a category of its own.
const HARMONISED: &str = "CASE WHEN item.side = 'expense' THEN COALESCE(item.harmonised, 'unrecognised') ELSE item.harmonised END";

/// The views that do not follow from the analyses. `{now}` is the revision that readers see.
const FIXED: [Fixed; 8] = [
    Fixed {
        name: "body",
        about: "The public bodies that are published.",
        columns: &[
            ("siren", "body.siren", As::Itself, SIREN),
            ("body_name", "body.name", As::Itself, BODY_NAME),
            (
                "budget",
                "body.budget",
                As::Itself,
                "main, attached or annex, where the source tells budgets apart: they must not be added to each other.",
            ),
            (
                "first_year",
                "body.first_year",
                As::Itself,
                "The first fiscal year of its income statement.",
            ),
            (
                "last_year",
                "body.last_year",
                As::Itself,
                "The last fiscal year of its income statement.",
            ),
            (
                "lines",
                "body.lines",
                As::Itself,
                "How many statement lines it has.",
            ),
        ],
        from: "core.body AS body WHERE body.revision_id = {now}",
    },
    Fixed {
        name: "statement_line",
        about: "The income statements: one row for each published record, with what its labels mean. Add up counted_amount: it is empty for rows that repeat others, and for years in which an amount is missing.",
        columns: &[
            ("siren", "line.siren", As::Itself, SIREN),
            ("body_name", "body.name", As::Itself, BODY_NAME),
            ("fiscal_year", "line.fiscal_year", As::Itself, YEAR),
            (
                "year_complete",
                "gap.siren IS NULL",
                As::Itself,
                "Whether no amount that is needed is missing in this year of this public body.",
            ),
            (
                "record",
                "line.record",
                As::Itself,
                "The number of its source record: see published.raw_record.",
            ),
            (
                "nomenclature",
                "item.nomenclature",
                As::Itself,
                "M14 or M57; empty when not recognised.",
            ),
            (
                "side",
                "item.side",
                As::Itself,
                "revenue or expense; empty for balances.",
            ),
            (
                "activity",
                "item.activity",
                As::Itself,
                "operating, financial or exceptional.",
            ),
            (
                "block",
                "item.block",
                As::Itself,
                "The code of its block in the nomenclature.",
            ),
            (
                "category",
                "item.category",
                As::Itself,
                "The official label of its block (poste), or the published one.",
            ),
            (
                "harmonised_category",
                HARMONISED,
                As::Itself,
                "The category that M14 and M57 have in common; empty for revenue.",
            ),
            (
                "line_code",
                "item.code",
                As::Itself,
                "Its code in the nomenclature; empty when not recognised.",
            ),
            (
                "label",
                "item.label",
                As::Itself,
                "Its official label, or the published one.",
            ),
            (
                "parent_code",
                "item.parent",
                As::Itself,
                "The code of the line it is part of.",
            ),
            (
                "role",
                "item.role",
                As::Itself,
                "What it is in its statement: line, part, subtotal, total, heading or balance.",
            ),
            (
                "position",
                "item.position",
                As::Itself,
                "Its place in the official model.",
            ),
            (
                "published_category",
                "item.published_category",
                As::Itself,
                "The label of its block, as published.",
            ),
            (
                "published_label",
                "item.published_label",
                As::Itself,
                "Its label, as published.",
            ),
            (
                "matched",
                "item.matched",
                As::Itself,
                "How its label was recognised: exact, normalised, variant, abbreviated or unknown.",
            ),
            (
                "exceptional_successor",
                "item.exceptional_successor",
                As::Itself,
                "For M57 lines that took over what M14 called exceptional: exact where they hold nothing else, or mixed.",
            ),
            (
                "asset_income",
                "item.asset_income",
                As::Itself,
                "For lines with the income of financial assets: exact where they hold nothing else, or mixed.",
            ),
            (
                "amount",
                "line.amount",
                As::Amount,
                "The amount as published, of totals and parts alike; empty when none was published.",
            ),
            (
                "counted",
                "line.counted AND gap.siren IS NULL",
                As::Itself,
                "Whether its amount is added: it repeats no other row, and no amount of the year is missing.",
            ),
            (
                "counted_amount",
                "CASE WHEN gap.siren IS NOT NULL THEN NULL WHEN line.counted THEN line.amount WHEN line.nil THEN 0 END",
                As::Amount,
                "The amount to be added up; empty for rows that repeat others, and in years that are not complete.",
            ),
            (
                "counted_by_rule",
                "line.counted",
                As::Itself,
                "Whether its amount repeats no other row, also in years that are not complete: what adds these up has to be without a row that is missing.",
            ),
            (
                "missing",
                "line.missing",
                As::Itself,
                "Whether an amount is needed here and none was published.",
            ),
            (
                "nil",
                "line.nil",
                As::Itself,
                "Whether no amount was published and a printed total proves that there is none.",
            ),
        ],
        from: "core.line AS line
            JOIN core.line_item AS item ON item.revision_id = {now} AND item.item_id = line.item_id
            LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = line.siren
            LEFT JOIN (
                SELECT siren, fiscal_year FROM core.line
                WHERE revision_id = {now} AND missing GROUP BY siren, fiscal_year
            ) AS gap ON gap.siren = line.siren AND gap.fiscal_year = line.fiscal_year
            WHERE line.revision_id = {now}",
    },
    Fixed {
        name: "line_item",
        about: "What the labels of the published income statements mean: the line of the official statement that each names.",
        columns: &[
            (
                "nomenclature",
                "item.nomenclature",
                As::Itself,
                "M14 or M57; empty when not recognised.",
            ),
            (
                "side",
                "item.side",
                As::Itself,
                "revenue or expense; empty for balances.",
            ),
            (
                "activity",
                "item.activity",
                As::Itself,
                "operating, financial or exceptional.",
            ),
            (
                "block",
                "item.block",
                As::Itself,
                "The code of its block in the nomenclature.",
            ),
            (
                "category",
                "item.category",
                As::Itself,
                "The official label of its block (poste), or the published one.",
            ),
            (
                "harmonised_category",
                HARMONISED,
                As::Itself,
                "The category that M14 and M57 have in common; empty for revenue.",
            ),
            (
                "line_code",
                "item.code",
                As::Itself,
                "Its code in the nomenclature; empty when not recognised.",
            ),
            (
                "label",
                "item.label",
                As::Itself,
                "Its official label, or the published one.",
            ),
            (
                "parent_code",
                "item.parent",
                As::Itself,
                "The code of the line it is part of.",
            ),
            (
                "role",
                "item.role",
                As::Itself,
                "What it is in its statement: line, part, subtotal, total, heading or balance.",
            ),
            (
                "position",
                "item.position",
                As::Itself,
                "Its place in the official model.",
            ),
            (
                "published_category",
                "item.published_category",
                As::Itself,
                "The label of its block, as published.",
            ),
            (
                "published_label",
                "item.published_label",
                As::Itself,
                "Its label, as published.",
            ),
        ],
        from: "core.line_item AS item WHERE item.revision_id = {now}",
    },
    Fixed {
        name: "balance_sheet",
        about: "The lines of balance sheets, with the shifted columns of some years put right. A total, which is not counted, repeats other lines.",
        columns: &[
            ("siren", "line.siren", As::Itself, SIREN),
            ("body_name", "body.name", As::Itself, BODY_NAME),
            (
                "fiscal_year",
                "line.fiscal_year",
                As::Itself,
                "The fiscal year the amounts are of.",
            ),
            (
                "published_year",
                "line.published_year",
                As::Itself,
                "The fiscal year it was published under.",
            ),
            (
                "record",
                "line.record",
                As::Itself,
                "The number of its source record: see published.raw_record.",
            ),
            ("side", "line.side", As::Itself, "asset or liability."),
            (
                "category",
                "line.category",
                As::Itself,
                "The label of its block, as published.",
            ),
            (
                "label",
                "line.label",
                As::Itself,
                "Its label, as published.",
            ),
            (
                "kind",
                "line.kind",
                As::Itself,
                "What it is used for: result, brought_forward, financial_asset or other.",
            ),
            ("gross", "line.gross", As::Amount, "The gross value."),
            (
                "depreciation",
                "line.depreciation",
                As::Amount,
                "Depreciation and provisions.",
            ),
            ("net", "line.net", As::Amount, "The net value."),
            (
                "counted",
                "line.counted",
                As::Itself,
                "Whether it is a line; a total repeats other lines.",
            ),
        ],
        from: "core.balance_line AS line
            LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = line.siren
            WHERE line.revision_id = {now}",
    },
    Fixed {
        name: "raw_record",
        about: "Each record that is published, as the portal sent it. Ask with siren: by its number alone every record is opened.",
        columns: &[
            ("siren", "own.siren", As::Itself, SIREN),
            ("body_name", "body.name", As::Itself, BODY_NAME),
            (
                "subject",
                "own.subject",
                As::Itself,
                "income_statement or balance_sheet.",
            ),
            (
                "record",
                "own.record",
                As::Itself,
                "The number of the record in its dataset, from 1, in the order received.",
            ),
            (
                "json",
                "own.json",
                As::Itself,
                "Its JSON text, byte for byte.",
            ),
            (
                "data",
                "own.json",
                As::Record,
                "The same, to be asked for its fields; empty where it has letters or numbers that the server cannot hold.",
            ),
        ],
        from: "raw.record AS own
            LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = own.siren
            WHERE own.revision_id = {now}",
    },
    Fixed {
        name: "dataset",
        about: "The datasets that what is published was made from, with their licence.",
        columns: &[
            (
                "subject",
                "dataset.subject",
                As::Itself,
                "income_statement or balance_sheet.",
            ),
            (
                "dataset_id",
                "dataset.dataset_id",
                As::Itself,
                "The identifier on the portal.",
            ),
            (
                "title",
                "dataset.title",
                As::Itself,
                "The title on the portal.",
            ),
            (
                "publisher",
                "dataset.publisher",
                As::Itself,
                "Who publishes it.",
            ),
            (
                "license",
                "dataset.license",
                As::Itself,
                "The name of the licence.",
            ),
            (
                "license_url",
                "dataset.license_url",
                As::Itself,
                "The address of the licence.",
            ),
            (
                "records",
                "dataset.records",
                As::Itself,
                "How many records were retrieved.",
            ),
            (
                "retrieved_at",
                "dataset.retrieved_at",
                As::Moment,
                "When they were retrieved.",
            ),
        ],
        from: "ops.dataset AS dataset WHERE dataset.revision_id = {now}",
    },
    Fixed {
        name: "check_result",
        about: "What the checks found in the run that published what is published.",
        columns: &[
            ("run_id", "found.run_id", As::Itself, "The run."),
            (
                "position",
                "found.position",
                As::Itself,
                "The place of the check, from 1.",
            ),
            (
                "check_name",
                "found.name",
                As::Itself,
                "The name of the check.",
            ),
            (
                "outcome",
                "found.outcome",
                As::Itself,
                "pass, or warn: something to know.",
            ),
            (
                "found",
                "found.found",
                As::Itself,
                "How many cases were found: remarks where there are any, else cases that passed.",
            ),
            (
                "subjects",
                "found.subjects",
                As::List,
                "What they are, in the words of the data.",
            ),
        ],
        from: "ops.check_result AS found
            JOIN ops.run AS run ON run.run_id = found.run_id
            WHERE run.revision_id = {now} AND run.outcome = 'published'",
    },
    Fixed {
        name: "run",
        about: "The runs of the pipeline, those that published nothing among them.",
        columns: &[
            (
                "run_id",
                "run.run_id",
                As::Itself,
                "The number of the run, from 1.",
            ),
            (
                "is_current",
                "run.outcome = 'published' AND run.revision_id IS NOT NULL AND run.revision_id = {now}",
                As::Itself,
                "Whether it published what is published.",
            ),
            ("started_at", "run.started_at", As::Moment, "When it began."),
            (
                "finished_at",
                "run.finished_at",
                As::Moment,
                "When it ended; empty while it runs.",
            ),
            (
                "portal",
                "run.portal",
                As::Itself,
                "The address of the portal.",
            ),
            (
                "outcome",
                "run.outcome",
                As::Itself,
                "running, published, unchanged, failed or interrupted.",
            ),
            (
                "revision_id",
                "run.revision_id",
                As::Itself,
                "The revision it published, or found unchanged.",
            ),
            (
                "records",
                "run.records",
                As::Itself,
                "How many records it retrieved.",
            ),
            (
                "cause",
                "run.cause",
                As::Itself,
                "Whose failure it was: source, data or database.",
            ),
            ("message", "run.message", As::Itself, "Why it failed."),
        ],
        from: "ops.run AS run",
    },
];

/// How a text is told from JSON that the binary form of PostgreSQL cannot hold: an escape of the letter zero, or of half
/// a pair, and numbers of very many digits.
const UNFIT: &str = r"'\\u(0000|d[89a-f])|[0-9]e[+-]?[0-9]{4}'";

impl Shown {
    fn new(name: impl Into<String>, expression: impl Into<String>, meaning: &str) -> Self {
        Self {
            name: name.into(),
            expression: expression.into(),
            meaning: meaning.to_owned(),
        }
    }

    /// A column for each form in which a value is shown.
    fn all(name: &str, expression: &str, how: As, meaning: &str, postgres: bool) -> Vec<Self> {
        let one = |expression: String| vec![Self::new(name, expression, meaning)];
        match (how, postgres) {
            (As::Amount, _) => amount(name, expression, meaning, postgres),
            (As::Moment, true) => one(format!("CAST({expression} AS timestamptz)")),
            (As::List, true) => one(format!(
                "ARRAY(SELECT json_array_elements_text(CAST({expression} AS json)))"
            )),
            (As::Record, true) => one(format!(
                "CASE WHEN {expression} !~* {UNFIT} THEN CAST({expression} AS jsonb) END"
            )),
            // SQLite has texts for all of these, and functions that read them.
            (As::Itself, _) | (As::Moment | As::List | As::Record, false) => {
                one(expression.to_owned())
            }
        }
    }

    /// The columns in which a column of a mart is shown.
    fn of(column: &Column, postgres: bool) -> Vec<Self> {
        let (name, kind) = (column.name.as_str(), column.kind);
        let own = format!("own.{name}");
        let meaning = if column.meaning.is_empty() {
            kind.meaning()
        } else {
            column.meaning
        };
        match kind {
            Kind::Amount => amount(name, &own, meaning, postgres),
            Kind::Rate => {
                let rate = hundredth(&own, postgres);
                vec![
                    Self::new(
                        format!("{name}_percent"),
                        rate,
                        &format!("{meaning} In percent."),
                    ),
                    Self::new(name, own, &format!("{meaning} In hundredths of a percent.")),
                ]
            }
            Kind::List if postgres => vec![Self::new(
                name,
                format!("string_to_array({own}, E'\\n')"),
                meaning,
            )],
            // An array in JSON: a letter that no text has keeps written backslashes from being taken for ends of lines.
            Kind::List => {
                let quoted = format!("replace(json_quote({own}), '\\\\', char(1))");
                let parted = format!("replace({quoted}, '\\n', '\",\"')");
                let whole = format!("'[' || replace({parted}, char(1), '\\\\') || ']'");
                let list = format!("CASE WHEN {own} IS NOT NULL THEN {whole} END");
                vec![Self::new(name, list, meaning)]
            }
            Kind::Flag if postgres => {
                vec![Self::new(name, format!("{own} <> 0"), meaning)]
            }
            Kind::Flag | Kind::Year | Kind::Integer | Kind::Text => {
                vec![Self::new(name, own, meaning)]
            }
        }
    }
}

/// An amount in euros, by which it is looked at, and in the centimes that it is kept in.
fn amount(name: &str, expression: &str, meaning: &str, postgres: bool) -> Vec<Shown> {
    vec![
        Shown::new(
            format!("{name}_eur"),
            hundredth(expression, postgres),
            &format!("{meaning} In euros."),
        ),
        Shown::new(name, expression, &format!("{meaning} In centimes.")),
    ]
}

/// What is kept in hundredths, as a decimal. SQLite has none: there it is the nearest binary fraction, which shows and
/// compares as the decimal does.
fn hundredth(expression: &str, postgres: bool) -> String {
    if postgres {
        format!("CAST(({expression}) * 0.01 AS numeric(18, 2))")
    } else {
        format!("({expression}) / 100.0")
    }
}

impl View {
    fn new(name: String, about: &str, columns: &[Shown], from: &str, postgres: bool) -> Self {
        let list = columns
            .iter()
            .map(|column| format!("{} AS {}", column.expression, column.name));
        let list = list.collect::<Vec<_>>().join(",\n    ");
        let from = from.replace("{now}", NOW);
        let view = format!("published.{name}");
        let select = format!("SELECT\n    {list}\nFROM {from}").replace("{now}", NOW);
        let mut script = format!("CREATE VIEW {view} AS {select};");
        if postgres {
            script += &comment_on(&format!("VIEW {view}"), about);
            for column in columns {
                script += &comment(&view, &column.name, &column.meaning);
            }
        }
        Self { name, script }
    }

    fn fixed(fixed: &Fixed, postgres: bool) -> Self {
        let columns = fixed
            .columns
            .iter()
            .flat_map(|(name, expression, how, meaning)| {
                Shown::all(name, expression, *how, meaning, postgres)
            });
        let columns: Vec<Shown> = columns.collect();
        let name = fixed.name.to_owned();
        Self::new(name, fixed.about, &columns, fixed.from, postgres)
    }

    /// The rows of an analysis: each euro once, or on each basis.
    fn of(model: &Model, by_basis: bool, postgres: bool) -> Self {
        let mut columns = vec![
            Shown::new("siren", "own.siren", SIREN),
            Shown::new("body_name", "body.name", BODY_NAME),
        ];
        if by_basis {
            columns.push(Shown::new(
                "basis",
                "own.basis",
                "leaf: each euro once; naive: what a plain script adds, to be compared. Ask for one of them.",
            ));
        }
        columns.extend(
            model
                .columns
                .iter()
                .flat_map(|column| Shown::of(column, postgres)),
        );
        let from = format!(
            "{} AS own
            LEFT JOIN core.body AS body ON body.revision_id = {{now}} AND body.siren = own.siren
            WHERE own.revision_id = {{now}}",
            model.table()
        );
        let (name, about, from) = if by_basis {
            (
                format!("{}_by_basis", model.name),
                format!("{} On each basis: never add both.", model.about),
                from,
            )
        } else {
            (
                model.name.to_owned(),
                model.about.to_owned(),
                format!("{from} AND own.basis = 'leaf'"),
            )
        };
        Self::new(name, &about, &columns, &from, postgres)
    }
}

/// The views of an engine for these models, and those that do not follow from models.
pub(crate) fn views(models: &[Model], postgres: bool) -> Vec<View> {
    let analyses = models.iter().filter(|model| model.form == Form::Analysis);
    let of_analyses = analyses
        .flat_map(|model| [false, true].map(|by_basis| View::of(model, by_basis, postgres)));
    let fixed = FIXED.iter().map(|fixed| View::fixed(fixed, postgres));
    fixed.chain(of_analyses).collect()
}

/// Drops every view that was made.
pub(crate) async fn drop_all(transaction: &mut Transaction) -> sqlx::Result<()> {
    let known = Query::new("SELECT name FROM ops.published_view ORDER BY name");
    let known: Vec<(String,)> = transaction.all(known).await?;
    for (name,) in known {
        let drop = format!("DROP VIEW IF EXISTS published.{name}");
        transaction.script(&drop).await?;
    }
    let forget = Query::new("DELETE FROM ops.published_view");
    transaction.execute(forget).await.map(drop)
}

/// Makes views, and notes how each was made.
pub(crate) async fn make_all(transaction: &mut Transaction, views: &[View]) -> sqlx::Result<()> {
    for view in views {
        transaction.script(&view.script).await?;
        let note = Query::new("INSERT INTO ops.published_view (name, definition) VALUES ($1, $2)")
            .bind(&view.name)
            .bind(&view.script);
        transaction.execute(note).await?;
    }
    Ok(())
}

impl Warehouse {
    /// Whether the views are those of this version.
    pub(crate) async fn views_are_current(&self, views: &[View]) -> sqlx::Result<bool> {
        let known = Query::new("SELECT name, definition FROM ops.published_view");
        let mut known: Vec<(String, String)> = self.engine.all(known).await?;
        let wanted = views
            .iter()
            .map(|view| (view.name.clone(), view.script.clone()));
        let mut wanted: Vec<(String, String)> = wanted.collect();
        known.sort();
        wanted.sort();
        Ok(known == wanted)
    }
}
