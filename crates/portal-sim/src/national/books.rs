//! What moved each account of a budget in a year.
//!
//! The result is known first, and the accounts of classes 6 and 7 divide what it is made of. Accounts of classes 1 to
//! 5 close with amounts that follow from the year alone, so that the next year opens with them; the treasury (515)
//! holds what makes all of them add up to nothing.

use super::bodies::{BodyKind, Budget, FIRST_YEAR};
use super::chance::{between, divided, mixed, of_text};
use super::chart::Family;

/// What moved an account. Amounts in centimes, debit and credit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    pub account: &'static str,
    /// Debit less credit.
    pub opening: i64,
    /// Operations of the budget, order operations included.
    pub budget: (i64, i64),
    /// Those that are order operations.
    pub order: (i64, i64),
    /// Operations beside the budget.
    pub beside: (i64, i64),
}

impl Movement {
    /// What it closes with, debit less credit.
    pub const fn closing(&self) -> i64 {
        self.opening + self.budget.0 - self.budget.1 + self.beside.0 - self.beside.1
    }

    /// What real operations of the budget debited and credited.
    pub const fn real(&self) -> (i64, i64) {
        (self.budget.0 - self.order.0, self.budget.1 - self.order.1)
    }
}

/// Accounts that every budget has: the first of its chart that begin so.
const CORE: [&str; 34] = [
    "10222", "1021", "1068", "110", "119", "12", "1311", "131", "1391", "139", "1641", "2031",
    "2111", "2131", "2151", "2183", "2188", "2803", "281", "4011", "4111", "515", "604", "606",
    "615", "6411", "645", "651", "65", "66111", "681", "70", "74", "777",
];

/// Accounts of classes 6 and 7 that are moved by order operations which are not made here.
const NOT_MADE: [&str; 12] = [
    "603", "609", "675", "676", "68", "71", "72", "775", "776", "777", "78", "79",
];

/// Accounts of class 6 that lessen expense, and of class 7 that lessen revenue.
const LESSENING: [&str; 8] = ["619", "629", "6419", "6459", "6479", "6489", "709", "739"];

/// What moved all accounts of a budget, by number.
pub fn books(budget: &Budget, year: u16) -> Vec<Movement> {
    let family = budget.family(year);
    let books = Books {
        budget,
        family,
        year,
    };
    books.made()
}

/// The accounts of a budget's year, in no order.
pub fn accounts(budget: &Budget, year: u16) -> Vec<&'static str> {
    let family = budget.family(year);
    let books = Books {
        budget,
        family,
        year,
    };
    let mut accounts = books.accounts();
    accounts.retain(|account| !WITHOUT_CHOICE.contains(account));
    accounts.extend(WITHOUT_CHOICE);
    accounts
}

/// Accounts that are made of others.
const WITHOUT_CHOICE: [&str; 5] = ["110", "119", "12", "1068", "515"];

struct Books<'a> {
    budget: &'a Budget,
    family: Family,
    year: u16,
}

fn begins(account: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| account.starts_with(prefix))
}

impl Books<'_> {
    fn made(&self) -> Vec<Movement> {
        let accounts = self.accounts();
        let of = |prefixes: &'static [&'static str]| -> Vec<&'static str> {
            let found = accounts.iter().copied();
            found.filter(|account| begins(account, prefixes)).collect()
        };
        let mut made: Vec<Movement> = Vec::with_capacity(accounts.len());
        self.result_accounts(&accounts, &mut made);
        // Depreciation and subsidies that are transferred: order operations, each with its counterpart.
        let before = self.year - 1;
        let depreciated = of(&["28"]);
        let (now, then) = (
            self.shares(&depreciated, self.sum(self.year, Self::depreciation)),
            self.shares(&depreciated, self.sum(before, Self::depreciation)),
        );
        for (account, (now, then)) in depreciated.iter().zip(now.into_iter().zip(then)) {
            let moved = now - then;
            made.push(Movement {
                account,
                opening: -then,
                budget: (0, moved),
                order: (0, moved),
                ..Movement::default()
            });
        }
        let transferred = of(&["139"]);
        let (now, then) = (
            self.shares(&transferred, self.sum(self.year, Self::transfer)),
            self.shares(&transferred, self.sum(before, Self::transfer)),
        );
        for (account, (now, then)) in transferred.iter().zip(now.into_iter().zip(then)) {
            let moved = now - then;
            made.push(Movement {
                account,
                opening: then,
                budget: (moved, 0),
                order: (moved, 0),
                ..Movement::default()
            });
        }
        self.results_of_before(&mut made);
        let special = ["110", "119", "12", "1068", "139", "28", "515", "6", "7"];
        for account in accounts.iter().filter(|account| !begins(account, &special)) {
            made.push(self.on_sheet(account));
        }
        self.treasury(&mut made);
        made.sort_unstable_by_key(|movement| movement.account);
        made
    }

    /// The accounts that amounts are entered in: those that every budget has, and more the larger it is.
    fn accounts(&self) -> Vec<&'static str> {
        let all = self.family.accounts();
        let wanted: u64 = match (self.budget.code, self.budget.kind, self.budget.base) {
            (2 | 3, ..) => 45,
            (_, BodyKind::Syndicat | BodyKind::Establishment, _) => 60,
            (_, BodyKind::Commune | BodyKind::Grouping, base) => match base {
                ..30_000_000 => 90,
                30_000_000..150_000_000 => 150,
                150_000_000..1_000_000_000 => 260,
                _ => 480,
            },
            (_, BodyKind::Departement | BodyKind::Region, _) => 620,
        };
        let many = u64::try_from(all.len()).unwrap_or(1);
        let core = CORE.map(|prefix| self.family.first(prefix));
        let chosen = |account: &&'static str| {
            core.contains(&Some(*account))
                || mixed(&[self.budget.key, of_text(account)]) % many < wanted
        };
        let all = all.iter().copied().filter(chosen);
        all.filter(|account| account.starts_with("681") || !is_not_made(account))
            .collect()
    }

    /// Classes 6 and 7.
    fn result_accounts(&self, accounts: &[&'static str], made: &mut Vec<Movement>) {
        let (revenue, expense) = (
            self.budget.revenue(self.year),
            self.budget.expense(self.year),
        );
        let order = |side: char| match side {
            '6' => (self.family.first("681"), self.depreciation(self.year)),
            _ => (self.family.first("777"), self.transfer(self.year)),
        };
        for (side, total) in [('6', expense), ('7', revenue)] {
            let (of_order, in_order) = order(side);
            let of_side = accounts.iter().copied().filter(|account| {
                account.starts_with(side) && Some(*account) != of_order && !is_not_made(account)
            });
            let (lessening, other): (Vec<&str>, Vec<&str>) =
                of_side.partition(|account| begins(account, &LESSENING));
            let lessened = if lessening.is_empty() { 0 } else { total / 80 };
            let mut add = |account, amount: i64, turned: i64, in_order: i64| {
                let (more, less) = (amount + turned, turned);
                let flow = |more, less| {
                    if side == '6' {
                        (more, less)
                    } else {
                        (less, more)
                    }
                };
                made.push(Movement {
                    account,
                    budget: flow(more, less),
                    order: flow(in_order, 0),
                    ..Movement::default()
                });
            };
            for (account, amount) in lessening.iter().zip(self.shares(&lessening, lessened)) {
                add(account, -amount, amount, 0);
            }
            let left = total + lessened - in_order;
            for (account, amount) in other.iter().zip(self.shares(&other, left)) {
                let turned = amount / 1000 * self.chance(account, 21, 0, 12);
                add(account, amount, turned, 0);
            }
            if let Some(account) = of_order {
                add(account, in_order, 0, in_order);
            }
        }
    }

    /// What earlier years left: reserves, what is brought forward, and the result that is carried to them.
    fn results_of_before(&self, made: &mut Vec<Movement>) {
        let before = self.result(self.year - 1);
        let reserved = self.reserved(self.year);
        let (then, now) = (self.forward(self.year - 1), self.forward(self.year));
        let beside = |account, opening: i64, closing: i64| {
            let moved = closing - opening;
            Movement {
                account,
                opening,
                beside: (moved.max(0), (-moved).max(0)),
                ..Movement::default()
            }
        };
        made.push(beside("110", -then.max(0), -now.max(0)));
        made.push(beside("119", (-then).max(0), (-now).max(0)));
        made.push(beside("12", -before, 0));
        let base = self.budget.base / 3;
        let years = FIRST_YEAR..self.year;
        let earlier: i64 = years.map(|year| self.reserved(year)).sum();
        made.push(Movement {
            account: "1068",
            opening: -(base + earlier),
            budget: (0, reserved),
            ..Movement::default()
        });
    }

    /// An account of the balance sheet whose closing balance follows from the year.
    fn on_sheet(&self, account: &'static str) -> Movement {
        let (then, now) = (
            self.balance(account, self.year - 1),
            self.balance(account, self.year),
        );
        let moved = now - then;
        let both = self.budget.base / 10_000 * self.chance(account, 22, 0, 40);
        let turned = if account.starts_with("164") {
            // Loans are paid back in each year.
            now.abs() / 14
        } else if account.starts_with(['4', '5']) {
            both * 10
        } else {
            0
        };
        let flow = (moved.max(0) + turned, (-moved).max(0) + turned);
        let mut movement = Movement {
            account,
            opening: then,
            ..Movement::default()
        };
        if account.starts_with(['4', '5']) {
            movement.beside = flow;
        } else {
            movement.budget = flow;
        }
        movement
    }

    /// What an account of classes 1 to 5 closes a year with, debit less credit.
    fn balance(&self, account: &str, year: u16) -> i64 {
        let permille = match account.get(..2).unwrap_or_default() {
            "20" | "26" | "27" => 25,
            "21" | "23" | "24" | "22" => 260,
            "10" => -320,
            "13" => -90,
            "16" if account.starts_with("1641") => -700,
            "16" => -4,
            "40" | "42" | "43" => -12,
            "41" => 15,
            "44" | "45" | "46" | "47" | "50" | "51" => 4,
            _ => -3,
        };
        let base = self.budget.base / 1000 * permille;
        let percent = self.chance(account, 23, 30, 170);
        let growth = self.chance(account, 24, 2, 30);
        let years = i64::from(year + 1 - FIRST_YEAR);
        base / 100_000 * percent * (1000 + growth * years) + self.chance(account, 25, 0, 99)
    }

    /// Closes the books: all balances add up to nothing, at the beginning of the year and at its end.
    fn treasury(&self, made: &mut Vec<Movement>) {
        let opening: i64 = made.iter().map(|movement| movement.opening).sum();
        let closing: i64 = made.iter().map(Movement::closing).sum();
        let moved = opening - closing;
        let turned = self.budget.base;
        made.push(Movement {
            account: "515",
            opening: -opening,
            beside: (moved.max(0) + turned, (-moved).max(0) + turned),
            ..Movement::default()
        });
    }

    fn depreciation(&self, year: u16) -> i64 {
        self.budget.revenue(year) / 25
    }

    fn transfer(&self, year: u16) -> i64 {
        self.budget.revenue(year) / 200
    }

    /// The sum over all years to one, that one included.
    fn sum(&self, last: u16, of: fn(&Self, u16) -> i64) -> i64 {
        (FIRST_YEAR - 1..=last).map(|year| of(self, year)).sum()
    }

    /// The result of a year; nothing came before the first.
    fn result(&self, year: u16) -> i64 {
        if year < FIRST_YEAR {
            0
        } else {
            self.budget.result(year)
        }
    }

    /// What of the result before a year was put into reserves in it.
    fn reserved(&self, year: u16) -> i64 {
        (self.result(year - 1) / 3).max(0)
    }

    /// What is brought forward at the end of a year.
    fn forward(&self, year: u16) -> i64 {
        (FIRST_YEAR..=year)
            .map(|year| self.result(year - 1) - self.reserved(year))
            .sum()
    }

    fn shares(&self, accounts: &[&str], whole: i64) -> Vec<i64> {
        let weights: Vec<i64> = accounts
            .iter()
            .map(|account| self.chance(account, 26, 1, 40) * heaviness(account))
            .collect();
        divided(whole, &weights)
    }

    /// The same in every year.
    fn chance(&self, account: &str, what: u64, least: i64, most: i64) -> i64 {
        between(&[self.budget.key, of_text(account), what], least, most)
    }
}

fn is_not_made(account: &str) -> bool {
    begins(account, &NOT_MADE) && !account.starts_with("681") && !account.starts_with("777")
}

/// How much more goes through some accounts than through others.
fn heaviness(account: &str) -> i64 {
    match account.get(..2).unwrap_or_default() {
        "73" => 30,
        "74" | "64" => 12,
        "70" => 6,
        "60" | "61" | "65" => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::bodies::Bodies;
    use super::*;

    /// Every budget of a small edition, in every year.
    fn each(mut seen: impl FnMut(&Budget, u16, &[Movement])) {
        for kind in BodyKind::ALL {
            let bodies = Bodies::new(kind, 30, 7);
            for index in 0..bodies.count() {
                for budget in bodies.body(index).budgets {
                    for year in 2010..=2025 {
                        seen(&budget, year, &books(&budget, year));
                    }
                }
            }
        }
    }

    #[test]
    fn books_balance_and_give_the_known_result() {
        each(|budget, year, books| {
            let of = |class: &str| -> i64 {
                let movements = books.iter().filter(|one| one.account.starts_with(class));
                movements.map(Movement::closing).sum()
            };
            let about = format!("{} {year}", budget.ident);
            assert_eq!(-of("7"), budget.revenue(year), "{about}");
            assert_eq!(of("6"), budget.expense(year), "{about}");
            assert_eq!(books.iter().map(|one| one.opening).sum::<i64>(), 0);
            assert_eq!(books.iter().map(Movement::closing).sum::<i64>(), 0);
            let order = |side: fn(&Movement) -> i64| books.iter().map(side).sum::<i64>();
            assert_eq!(order(|one| one.order.0), order(|one| one.order.1));
            assert!(books.is_sorted_by_key(|one| one.account));
            let mut accounts: Vec<&str> = books.iter().map(|one| one.account).collect();
            accounts.dedup();
            assert_eq!(accounts.len(), books.len(), "{about}");
            assert_eq!(accounts.len(), super::accounts(budget, year).len());
            assert!((40..900).contains(&books.len()), "{}", books.len());
            for one in books {
                let flows = [one.budget, one.order, one.beside];
                let least = flows.iter().map(|flow| flow.0.min(flow.1)).min();
                assert!(least >= Some(0), "{about} {one:?}");
            }
        });
    }

    #[test]
    fn a_year_opens_with_what_the_one_before_closed_with() {
        let mut before: Option<(String, Family, i64, Vec<Movement>)> = None;
        each(|budget, year, books| {
            let family = budget.family(year);
            if let Some((ident, of_before, result, closed)) = &before
                && **ident == *budget.ident
            {
                let results = |books: &[Movement], of: fn(&Movement) -> i64| -> i64 {
                    let of_results = books
                        .iter()
                        .filter(|one| begins(one.account, &["110", "119", "12"]));
                    of_results.map(of).sum()
                };
                let expected = results(closed, Movement::closing) - result;
                assert_eq!(results(books, |one| one.opening), expected);
                if *of_before == family {
                    for one in books
                        .iter()
                        .filter(|one| one.account < "6" && one.account != "12")
                    {
                        let found = closed.iter().find(|other| other.account == one.account);
                        let closing = found.map(Movement::closing);
                        assert_eq!(closing, Some(one.opening), "{ident} {year} {}", one.account);
                    }
                }
            }
            let result = budget.result(year);
            before = Some((budget.ident.to_string(), family, result, books.to_vec()));
        });
    }
}
