//! The columns and records of account balances.
//!
//! The columns are those of the real datasets, which differ by year: before 2016 `budget` and `type` stand for `cbudg`
//! and `categ`, before 2017 there is no `bal`, and `insee` was a number once. `exer` is a date.

use std::sync::Arc;

use super::bodies::{Body, Budget};
use super::books::{Movement, accounts, books};
use super::cell::Cell;
use super::chance::{divided, mixed, of_text};

/// The first year whose balance is not final.
const NOT_FINAL: u16 = 2025;

/// A column: its name and its type.
pub type Column = (&'static str, &'static str);

/// The amounts, in the order of the columns.
const AMOUNTS: [&str; 10] = [
    "bedeb", "becre", "obnetdeb", "obnetcre", "onbdeb", "onbcre", "oobdeb", "oobcre", "sd", "sc",
];

/// Whether the balance of a year is final.
pub const fn is_final(year: u16) -> bool {
    year < NOT_FINAL
}

/// The columns of a dataset of one year, or of all of them.
pub fn columns(year: Option<u16>, by_function: bool) -> Vec<Column> {
    let is = |wanted: fn(u16) -> bool| year.is_none_or(wanted);
    let insee = if is(|year| year > 2014) {
        "text"
    } else {
        "int"
    };
    let mut columns = vec![
        ("exer", "date"),
        ("ident", "text"),
        ("ndept", "text"),
        ("lbudg", "text"),
        ("insee", insee),
    ];
    if is(|year| year > 2015) {
        columns.push(("cbudg", "text"));
    } else {
        columns.extend([("budget", "text"), ("type", "text")]);
    }
    for name in [
        "ctype", "cstyp", "nomen", "siren", "cregi", "cacti", "secteur", "finess", "codbud1",
    ] {
        columns.push((name, "text"));
    }
    if is(|year| year > 2016) {
        columns.extend([("categ", "text"), ("bal", "text")]);
    }
    if by_function {
        columns.push(("fonction", "text"));
    }
    columns.push(("compte", "text"));
    columns.extend(AMOUNTS.map(|name| (name, "double")));
    columns
}

/// The records of a budget's year.
pub fn records(
    columns: &[Column],
    body: &Body,
    budget: &Budget,
    year: u16,
    made: &mut dyn FnMut(Vec<Cell>),
) {
    let by_function = columns.iter().any(|(name, _)| *name == "fonction");
    // All but the account and its amounts are the same in each.
    let same: Vec<Cell> = columns
        .iter()
        .map(|(name, kind)| head(name, kind, body, budget, year))
        .collect();
    for movement in books(budget, year) {
        let functions = if by_function {
            functions(budget, movement.account)
        } else {
            &[]
        };
        let mut one = |function: Option<&'static str>, movement: &Movement| {
            let mut record = same.clone();
            let tail = record.len() - AMOUNTS.len();
            record[tail - 1] = Cell::Word(movement.account);
            if let Some(function) = function {
                record[tail - 2] = Cell::Word(function);
            }
            record[tail..].clone_from_slice(&amounts(movement).map(Cell::Amount));
            made(record);
        };
        if functions.is_empty() {
            one(None, &movement);
        }
        for (function, part) in functions.iter().zip(parts(&movement, functions.len())) {
            one(Some(function), &part);
        }
    }
}

/// How many records a budget's year has.
pub fn count(budget: &Budget, year: u16, by_function: bool) -> usize {
    let accounts = accounts(budget, year);
    if by_function {
        let many = |account: &&str| functions(budget, account).len().max(1);
        accounts.iter().map(many).sum()
    } else {
        accounts.len()
    }
}

fn head(name: &str, kind: &str, body: &Body, budget: &Budget, year: u16) -> Cell {
    let text = |text: &Arc<str>| Cell::Text(Arc::clone(text));
    match name {
        "exer" => Cell::Text(year.to_string().into()),
        "ident" => text(&budget.ident),
        "ndept" => text(&body.departement),
        "lbudg" => text(&budget.name),
        "insee" if kind == "int" => Cell::Number(i64::from(body.insee)),
        "insee" => Cell::Text(format!("{:03}", body.insee).into()),
        "cbudg" => Cell::Word(["1", "2", "3"][usize::from(budget.code - 1)]),
        "budget" if budget.code == 3 => Cell::Word("BA"),
        "budget" => Cell::Word("BP"),
        "type" => Cell::Word(body.kind.category()),
        "ctype" => Cell::Word(body.kind.code()),
        "cstyp" => Cell::Word("00"),
        "nomen" => Cell::Word(budget.chart(year)),
        "siren" => text(&body.siren),
        "cregi" => Cell::Word("084"),
        "cacti" => Cell::Word("40"),
        "categ" if year > 2016 => Cell::Word(body.kind.category()),
        "bal" if year > 2016 && is_final(year) => Cell::Word("DEF"),
        // The file of July of the year after.
        "bal" if year > 2016 => Cell::Text(format!("Juil{}", year + 1).into()),
        _ => Cell::Null,
    }
}

fn amounts(movement: &Movement) -> [i64; 10] {
    let closing = movement.closing();
    [
        movement.opening.max(0),
        (-movement.opening).max(0),
        movement.budget.0,
        movement.budget.1,
        movement.beside.0,
        movement.beside.1,
        movement.order.0,
        movement.order.1,
        closing.max(0),
        (-closing).max(0),
    ]
}

/// The functions that an account is divided by: those of the budget's result and of its investments have one or more.
fn functions(budget: &Budget, account: &str) -> &'static [&'static str] {
    const FUNCTIONS: [&str; 6] = ["01", "020", "211", "212", "311", "845"];
    if !account.starts_with(['2', '6', '7']) || account.starts_with("28") {
        return &[];
    }
    match mixed(&[budget.key, of_text(account), 31]) % 6 {
        0 => &FUNCTIONS[..1],
        1 => &FUNCTIONS[1..2],
        2 => &FUNCTIONS[1..4],
        3 => &FUNCTIONS[2..4],
        4 => &FUNCTIONS[3..6],
        _ => &FUNCTIONS[4..5],
    }
}

/// What moved an account, divided. What it opened with is in the first part.
fn parts(movement: &Movement, many: usize) -> Vec<Movement> {
    let weights: Vec<i64> = (1..).take(many).collect();
    let divided = |flow: (i64, i64)| {
        let (debit, credit) = (divided(flow.0, &weights), divided(flow.1, &weights));
        debit.into_iter().zip(credit).collect::<Vec<(i64, i64)>>()
    };
    let (budget, order) = (divided(movement.budget), divided(movement.order));
    let beside = divided(movement.beside);
    (0..many)
        .map(|place| Movement {
            account: movement.account,
            opening: if place == 0 { movement.opening } else { 0 },
            budget: budget[place],
            order: order[place],
            beside: beside[place],
        })
        .collect()
}
