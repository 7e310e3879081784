//! Broken and hostile documents: whatever comes, nothing breaks, and memory is bounded.

use std::fmt::Write;
use std::io::{self, Read};
use std::time::Instant;

use centime_accounts::Centimes;
use centime_documents::{Limits, read};
use centime_test_input::altered;
use proptest::prelude::*;

use crate::documents::{CFU, SCDL, SIRET, TOTEM};

const RIGHT: [&str; 3] = [CFU, TOTEM, SCDL];

proptest! {
    #[test]
    fn any_document_is_read_or_refused(bytes in altered(&RIGHT)) {
        match read(&bytes[..], "made", &Limits::default()) {
            Ok(found) => for document in found {
                prop_assert_eq!(document.budget.siret.len(), 14);
                document.executed.result();
            },
            Err(error) => {
                let message = error.to_string();
                prop_assert!(message.starts_with("made"));
                prop_assert!(message.len() < 2000, "{}", message);
            }
        }
    }

    #[test]
    fn lines_add_up_in_any_order(
        amounts in proptest::collection::vec((0_usize..6, any::<bool>(), -1_000_000_i64..1_000_000), 1..40),
        seed in any::<u64>(),
    ) {
        const ACCOUNTS: [&str; 6] = ["60611", "6419", "6811", "7311", "739", "2111"];
        let (head, _) = TOTEM.split_once("<LigneBudget>").unwrap();
        let text = |lines: &[(usize, bool, i64)]| {
            let mut text = String::new();
            for (account, revenue, amount) in lines {
                let (account, flow) = (ACCOUNTS[*account], if *revenue { "R" } else { "D" });
                let amount = Centimes::new(*amount);
                write!(
                    text,
                    "<LigneBudget><Nature V=\"{account}\"/><CodRD V=\"{flow}\"/><MtReal V=\"{amount}\"/></LigneBudget>"
                )
                .unwrap();
            }
            format!("{head}{text}</Budget></DocumentBudgetaire>")
        };
        let result = |lines: &[(usize, bool, i64)]| {
            let found = read(text(lines).as_bytes(), "made", &Limits::default()).unwrap();
            found[0].executed.result()
        };
        let of_result: Vec<i64> = amounts.iter()
            .filter(|(account, _, _)| *account != 5)
            .map(|(_, revenue, amount)| if *revenue { *amount } else { -amount })
            .collect();
        let expected = (!of_result.is_empty()).then(|| Centimes::new(of_result.iter().sum()));
        prop_assert_eq!(result(&amounts), expected);
        let mut shuffled = amounts.clone();
        let length = shuffled.len() as u64;
        shuffled.rotate_left(usize::try_from(seed % length).unwrap());
        shuffled.reverse();
        prop_assert_eq!(result(&shuffled), expected);
    }
}

/// A document that is made while it is read.
struct Made<F> {
    part: Vec<u8>,
    at: usize,
    number: u64,
    next: F,
}

impl<F: FnMut(u64) -> Option<String>> Read for Made<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.part.len() {
            let Some(part) = (self.next)(self.number) else {
                return Ok(0);
            };
            self.number += 1;
            (self.part, self.at) = (part.into_bytes(), 0);
        }
        let read = (&self.part[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

/// The most memory that this process has taken so far, in kibibytes; `None` where the system does not say.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// How large the documents are, in mebibytes: `CENTIME_TEST_DOCUMENT_MIB`, or a few.
fn mebibytes() -> u64 {
    let set = std::env::var("CENTIME_TEST_DOCUMENT_MIB").ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(8)
}

#[test]
fn a_large_document_is_never_in_memory() {
    const ROWS: u64 = 1000;
    let rows = mebibytes() * (1 << 20) / 160 / ROWS;
    let (head, _) = TOTEM.split_once("<LigneBudget>").unwrap();
    let line = |number: u64| {
        let account = 60_000 + number % 900;
        format!(
            "<LigneBudget><Nature V=\"{account}\"/><Fonction V=\"{}\"/><CodRD V=\"D\"/><MtReal V=\"1.01\"/><OpBudg V=\"0\"/><MtSup Code=\"BudgetHorsRAR\" V=\"0.00\"/></LigneBudget>\n",
            number % 97
        )
    };
    let row = |number: u64| {
        let account = 60_000 + number % 900;
        format!(
            "Compte administratif;2023;{SIRET};Ville d'Essai avec un nom assez long;{account};Un titre de compte assez long pour un tableau, avec ce qu'il y faut;réel;dépense;1,01\n"
        )
    };
    let (header, _) = SCDL.split_once('\n').unwrap();
    let begin = Instant::now();
    for (head, make, foot) in [
        (
            head.to_owned(),
            &line as &dyn Fn(u64) -> String,
            "</Budget></DocumentBudgetaire>",
        ),
        (format!("{header}\n"), &row, ""),
    ] {
        let before = peak();
        let document = Made {
            part: head.into_bytes(),
            at: 0,
            number: 0,
            next: |number: u64| match number.cmp(&rows) {
                std::cmp::Ordering::Less => {
                    Some((number * ROWS..(number + 1) * ROWS).map(make).collect())
                }
                std::cmp::Ordering::Equal if !foot.is_empty() => Some(foot.to_owned()),
                _ => None,
            },
        };
        let found = read(document, "made", &Limits::default());
        let found = found.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(found[0].executed.accounts.len(), 900);
        let expected = Centimes::new(-101 * i64::try_from(rows * ROWS).unwrap());
        assert_eq!(found[0].executed.result(), Some(expected));
        if let (Some(before), Some(after)) = (before, peak()) {
            // Other tests of this process take some, too.
            assert!(
                after - before < 128 << 10,
                "{before} KiB before, {after} after"
            );
        }
    }
    eprintln!("{} MiB each, in {:?}", mebibytes(), begin.elapsed());
}

#[test]
fn a_tag_without_end_is_refused_before_it_fills_the_memory() {
    let endless = Made {
        part: b"<DocumentBudgetaire V=\"".to_vec(),
        at: 0,
        number: 0,
        next: |_| Some("A".repeat(1 << 20)),
    };
    let error = read(endless, "made", &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("64 MiB in one piece"), "{error}");
}
