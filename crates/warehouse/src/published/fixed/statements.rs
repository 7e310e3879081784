//! The views of statements and balance sheets.

use super::super::columns::As;
use super::{BODY_NAME, Fixed, SIREN, YEAR};

/// Stands for the comparable category of an item of expense.
const COMPARABLE: &str = "{comparable}";

pub(super) const BODY: Fixed = Fixed {
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
            "How many statement lines it has; 0 where aggregates alone are known.",
        ),
        (
            "sample",
            "body.sample",
            As::Itself,
            "Whether any of them is invented: it is of the sample edition.",
        ),
        (
            "insee",
            "body.insee",
            As::Itself,
            "The INSEE code of a commune, or the number of a département or a region; empty where no source says it.",
        ),
        (
            "kind",
            "body.kind",
            As::Itself,
            "commune, grouping, departement or region; empty where no source says it.",
        ),
        (
            "departement",
            "body.departement",
            As::Itself,
            "The name of the département that it is in; empty where no source says it.",
        ),
        (
            "grouping_name",
            "body.grouping_name",
            As::Itself,
            "The name of the grouping that a commune is part of; empty where no source says it.",
        ),
    ],
    from: "core.body AS body WHERE body.revision_id = {now}",
};

pub(super) const STATEMENT_LINE: Fixed = Fixed {
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
            COMPARABLE,
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
};

pub(super) const LINE_ITEM: Fixed = Fixed {
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
            COMPARABLE,
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
};

pub(super) const BALANCE_SHEET: Fixed = Fixed {
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
};
