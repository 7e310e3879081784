//! Statements that are made up, and the plain sums that surfaces are held against. Nothing here is the program's:
//! lines are added one by one, and rates are rounded from the amounts themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A line of a statement, as its portal publishes it.
#[derive(Clone, Debug)]
pub struct Line {
    pub year: i64,
    /// `revenue` or `expense`.
    pub side: &'static str,
    /// `operating`, `financial` or `exceptional`.
    pub activity: &'static str,
    pub category: String,
    pub label: String,
    /// In centimes; `None` where nothing was published.
    pub amount: Option<i64>,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Made {
    pub name: String,
    pub lines: Vec<Line>,
}

/// Numbers that are the same at each run.
pub struct Dice(pub u64);

impl Dice {
    /// A number below another.
    pub fn below(&mut self, most: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % most
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let most = u64::try_from(choices.len()).unwrap();
        choices[usize::try_from(self.below(most)).unwrap()]
    }
}

/// Which signs amounts have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    Above,
    Mixed,
    /// All of revenue is below zero.
    RevenueBelow,
    Below,
    Zero,
}

/// What a statement is to be like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub years: i64,
    /// Lines of each side.
    pub lines: [u64; 2],
    pub categories: u64,
    pub signs: Signs,
    /// Of a hundred amounts, so many are not published.
    pub missing: u64,
    /// The most digits of an amount in centimes.
    pub digits: u32,
}

const ACTIVITIES: [&str; 6] = [
    "operating",
    "operating",
    "operating",
    "operating",
    "financial",
    "exceptional",
];

impl Made {
    pub fn new(number: u64, shape: Shape) -> Self {
        let mut dice = Dice(number);
        let mut lines = Vec::new();
        for (at, side) in ["revenue", "expense"].into_iter().enumerate() {
            for line in 0..shape.lines[at] {
                let category = line % shape.categories;
                // A category is of one activity.
                let activity = ACTIVITIES[usize::try_from(category % 6).unwrap()];
                let (group, label) = match side {
                    "revenue" => ("Groupe", "Recette"),
                    _ => ("Poste", "Dépense"),
                };
                for year in 0..shape.years {
                    // Some lines come and go.
                    if line > 1 && dice.below(12) == 0 {
                        continue;
                    }
                    let missing = dice.below(100) < shape.missing;
                    let amount = amount(&mut dice, side, shape);
                    lines.push(Line {
                        year: 2024 - shape.years + 1 + year,
                        side,
                        activity,
                        category: format!("{group} {category:02}"),
                        label: format!("{label} {line:02}"),
                        amount: (!missing).then_some(amount),
                    });
                }
            }
        }
        Self {
            name: format!("{number}: {shape:?}"),
            lines,
        }
    }

    /// A statement of a table: year, side, activity, category, label, amount in centimes.
    pub fn from_rows(
        name: &str,
        rows: &[(i64, &'static str, &'static str, &str, &str, i64)],
    ) -> Self {
        let line = |row: &(i64, &'static str, &'static str, &str, &str, i64)| Line {
            year: row.0,
            side: row.1,
            activity: row.2,
            category: row.3.to_owned(),
            label: row.4.to_owned(),
            amount: Some(row.5),
        };
        Self {
            name: name.to_owned(),
            lines: rows.iter().map(line).collect(),
        }
    }

    /// The records of a portal, one a line.
    pub fn records(&self) -> String {
        let mut records = String::new();
        for line in &self.lines {
            let side = if line.side == "revenue" {
                "PRODUITS"
            } else {
                "CHARGES"
            };
            let activity = match line.activity {
                "operating" => "EXPLOITATION",
                "financial" => "FINANCIER",
                _ => "EXCEPTIONNEL",
            };
            let amount = line.amount.map_or("null".to_owned(), decimal);
            writeln!(
                records,
                "{{\"exercice_comptable\": \"{}\", \"type_de_resultat\": \"{activity}\", \
                 \"produit_charge\": \"{side}\", \"poste\": \"{}\", \"detail_postes\": \"{}\", \
                 \"montant_en_eur\": {amount}}}",
                line.year, line.category, line.label
            )
            .unwrap();
        }
        records
    }

    pub fn years(&self) -> Vec<i64> {
        let years: BTreeSet<i64> = self.lines.iter().map(|line| line.year).collect();
        years.into_iter().collect()
    }
}

/// Hundredths with two decimals.
pub fn decimal(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

fn amount(dice: &mut Dice, side: &str, shape: Shape) -> i64 {
    if shape.signs == Signs::Zero || dice.below(15) == 0 {
        return 0;
    }
    let length = 1 + u32::try_from(dice.below(u64::from(shape.digits))).unwrap();
    let value = i64::try_from(1 + dice.below(10_u64.pow(length))).unwrap();
    let below = match shape.signs {
        Signs::Above | Signs::Zero => false,
        Signs::Below => true,
        Signs::RevenueBelow => side == "revenue",
        Signs::Mixed => dice.one_of(&[true, false, false]),
    };
    if below { -value } else { value }
}

/// What is looked at.
#[derive(Clone, Debug)]
pub struct View {
    pub french: bool,
    pub naive: bool,
    pub harmonised: bool,
    pub side: Option<&'static str>,
    pub activity: Option<&'static str>,
    pub category: Option<String>,
    /// `auto`, `eur`, `meur`, `bneur`, `percent` or `share`.
    pub unit: &'static str,
    pub from: i64,
    pub to: i64,
    pub focus: i64,
    pub against: i64,
}

impl View {
    /// The whole of a statement.
    pub fn whole(made: &Made) -> Self {
        let years = made.years();
        let complete = |year: &&i64| {
            let mut of_year = made.lines.iter().filter(|line| line.year == **year);
            of_year.all(|line| line.amount.is_some())
        };
        let last = years[years.len() - 1];
        let focus = years.iter().rev().find(complete).copied().unwrap_or(last);
        let before = years.iter().rev().find(|year| **year < focus);
        let after = years.iter().find(|year| **year > focus);
        Self {
            french: true,
            naive: false,
            harmonised: false,
            side: None,
            activity: None,
            category: None,
            unit: "auto",
            from: years[0],
            to: last,
            focus,
            against: before.or(after).copied().unwrap_or(focus),
        }
    }

    /// What an address asks for.
    pub fn query(&self) -> String {
        let mut query = format!(
            "from={}&to={}&focus={}&against={}&unit={}",
            self.from, self.to, self.focus, self.against, self.unit
        );
        if self.naive {
            query.push_str("&basis=naive");
        }
        if self.harmonised {
            query.push_str("&grouping=harmonised");
        }
        for (name, value) in [("side", self.side), ("activity", self.activity)] {
            if let Some(value) = value {
                query.extend(["&", name, "=", value]);
            }
        }
        if let Some(category) = &self.category {
            query.extend(["&category=", &category.replace(' ', "+")]);
        }
        query.push_str(if self.french { "&lang=fr" } else { "&lang=en" });
        query
    }

    /// Whether a part of the statement is looked at.
    pub fn is_partial(&self) -> bool {
        self.side.is_some() || self.activity.is_some() || self.category.is_some()
    }

    /// The side whose categories are shown.
    pub fn shown_side(&self) -> &'static str {
        self.side.unwrap_or("expense")
    }

    /// The category of a line, as the view groups them.
    pub fn group<'a>(&self, line: &'a Line) -> &'a str {
        match (self.harmonised, line.side) {
            (false, _) => &line.category,
            (true, "expense") => "unrecognised",
            (true, _) => line.activity,
        }
    }

    /// Whether a line is looked at, in any year.
    pub fn has(&self, line: &Line) -> bool {
        self.side.is_none_or(|side| side == line.side)
            && self
                .activity
                .is_none_or(|activity| activity == line.activity)
            && self
                .category
                .as_deref()
                .is_none_or(|category| category == self.group(line))
    }

    /// The same view of both sides and all categories.
    pub fn both_sides(&self) -> Self {
        Self {
            side: None,
            category: None,
            ..self.clone()
        }
    }
}

/// A sum.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    pub amount: i64,
    pub lines: usize,
    pub missing: usize,
}

impl Sum {
    /// The sum, where it is known.
    pub fn known(self) -> Option<i64> {
        (self.missing == 0 && self.lines > 0).then_some(self.amount)
    }
}

/// The sum of some lines. The plain script misses nothing.
pub fn sum<'a>(lines: impl Iterator<Item = &'a Line>, naive: bool) -> Sum {
    let mut sum = Sum::default();
    for line in lines {
        match line.amount {
            Some(amount) => {
                sum.amount += amount;
                sum.lines += 1;
            }
            None if naive => {}
            None => sum.missing += 1,
        }
    }
    sum
}

/// What a year comes to.
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    pub revenue: Option<i64>,
    pub expense: Option<i64>,
    pub result: Option<i64>,
}

impl Made {
    /// The totals of the lines that a view has of a year, whose result needs both sides only where all of a
    /// statement is looked at.
    pub fn totals(&self, view: &View, year: i64) -> Totals {
        let of = |side: &'static str| {
            let lines = self.lines.iter().filter(|line| {
                // The plain script leaves negative rows out.
                let dropped = view.naive && line.amount.is_some_and(|amount| amount < 0);
                line.year == year && line.side == side && view.has(line) && !dropped
            });
            sum(lines, view.naive)
        };
        let (revenue, expense) = (of("revenue"), of("expense"));
        let difference = revenue.amount - expense.amount;
        let one_sided = view.side.is_some() || view.category.is_some();
        if !view.is_partial() {
            let known = |side: Sum| {
                if view.naive {
                    Some(side.amount)
                } else {
                    side.known()
                }
            };
            let both = known(revenue).is_some() && known(expense).is_some();
            return Totals {
                revenue: known(revenue),
                expense: known(expense),
                result: both.then_some(difference),
            };
        }
        let complete = revenue.missing + expense.missing == 0;
        let some = revenue.lines + expense.lines > 0;
        Totals {
            revenue: revenue.known(),
            expense: expense.known(),
            result: (complete && some && !one_sided).then_some(difference),
        }
    }

    /// The revenue of a year that percentages are of.
    pub fn revenue(&self, view: &View, year: i64) -> Option<i64> {
        let whole = View {
            activity: None,
            ..view.both_sides()
        };
        self.totals(&whole, year).revenue
    }

    /// The sums of a year by category of the shown side, or by line within a category.
    pub fn categories(&self, view: &View, year: i64) -> BTreeMap<String, Sum> {
        let mut lines: BTreeMap<String, Vec<&Line>> = BTreeMap::new();
        for line in &self.lines {
            if line.year == year && line.side == view.shown_side() && view.has(line) {
                let name = if view.category.is_some() {
                    line.label.as_str()
                } else {
                    view.group(line)
                };
                lines.entry(name.to_owned()).or_default().push(line);
            }
        }
        let sums = lines
            .into_iter()
            .map(|(name, lines)| (name, sum(lines.into_iter(), view.naive)));
        sums.filter(|(_, sum)| sum.lines + sum.missing > 0)
            .collect()
    }

    /// The sums of the lines of the year in focus: side, category and label. None where an amount is missing, or
    /// one of the sides of a whole statement.
    pub fn flow(&self, view: &View) -> BTreeMap<(&'static str, String, String), i64> {
        let view = view.both_sides();
        let of_year: Vec<&Line> = self
            .lines
            .iter()
            .filter(|line| line.year == view.focus && view.has(line))
            .filter(|line| !(view.naive && line.amount.is_some_and(|amount| amount < 0)))
            .collect();
        let has = |side| {
            of_year
                .iter()
                .any(|line| line.side == side && line.amount.is_some())
        };
        let missing = !view.naive && of_year.iter().any(|line| line.amount.is_none());
        let one_sided =
            !view.naive && view.activity.is_none() && !(has("revenue") && has("expense"));
        let mut sums = BTreeMap::new();
        if missing || one_sided {
            return sums;
        }
        for line in of_year {
            if let Some(amount) = line.amount {
                let key = (line.side, line.category.clone(), line.label.clone());
                *sums.entry(key).or_insert(0) += amount;
            }
        }
        sums
    }
}

/// A share in hundredths of a percent, halves away from zero; `None` of what is not above zero.
pub fn share(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| i64::try_from(round(i128::from(part) * 10_000, whole.into())).unwrap())
}

/// A quotient, halves away from zero.
pub fn round(value: i128, by: i128) -> i128 {
    let (quotient, rest) = (value / by, value % by);
    if rest.abs() * 2 >= by {
        quotient + value.signum()
    } else {
        quotient
    }
}
