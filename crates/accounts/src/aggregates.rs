//! Aggregates of the OFGL: sums that it publishes of each body and year, and what they are to each other.
//!
//! They are control totals for what is computed from accounts. That they are read rightly is shown by identities between
//! them, which hold for every commune of 2024. They are published with the noise of binary fractions
//! (`268607322.920001`), which is taken away when they are read, and counted.
//! Source: <https://data.ofgl.fr>, the definitions of aggregates; the identities were checked on all communes of 2024.

use std::collections::BTreeMap;

use crate::label::normalise;
use crate::money::{AmountError, Centimes};
use crate::witness::WitnessKind;

/// How far an identity may be off: the roundings of two amounts.
const TOLERANCE: Centimes = Centimes::new(2);

/// The most that noise takes an amount away from a centime: a thousandth of one, in decimals of a euro.
const NOISE_DECIMALS: usize = 5;

/// The power of ten from which on an amount is noise alone.
const NOTHING: i32 = -6;

/// Aggregates that the same sums of accounts can be held against: the witness that each is, how it is published, the
/// indicator that is the same sum, and whether its definition leaves out or takes in what that indicator does not.
pub const HELD: [(WitnessKind, &str, &str, bool); 7] = [
    (
        WitnessKind::OfglRevenue,
        REVENUE,
        "net-operating-revenue",
        false,
    ),
    (
        WitnessKind::OfglExpense,
        EXPENSE,
        "net-operating-expense",
        false,
    ),
    (
        WitnessKind::OfglManagement,
        "Epargne de gestion",
        "management-savings",
        true,
    ),
    (WitnessKind::OfglGross, GROSS, "gross-cash-flow", false),
    (
        WitnessKind::OfglNet,
        "Epargne nette",
        "net-cash-flow",
        false,
    ),
    (
        WitnessKind::OfglAnnuity,
        "Annuité de la dette",
        "annuity",
        false,
    ),
    (WitnessKind::OfglDebt, "Encours de dette", "debt", true),
];

/// Accounts of which no source at hand says how aggregates take them: work of the body's own, stocks, and transfers of
/// charges. Where a body has any, a sum that holds them is defined otherwise, perhaps.
pub const UNSURE: [&str; 3] = ["71", "72", "79"];

/// The indicators that hold these accounts.
pub const HOLD_UNSURE: [&str; 4] = [
    "net-operating-revenue",
    "management-savings",
    "gross-cash-flow",
    "net-cash-flow",
];

/// What one aggregate is of others: their sum, each added or subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The aggregate, as it is published.
    pub total: &'static str,
    /// Those that are added.
    pub added: &'static [&'static str],
    /// Those that are subtracted.
    pub subtracted: &'static [&'static str],
}

const fn identity(
    total: &'static str,
    added: &'static [&'static str],
    subtracted: &'static [&'static str],
) -> Identity {
    Identity {
        total,
        added,
        subtracted,
    }
}

/// What operating brings in.
pub const REVENUE: &str = "Recettes de fonctionnement";
/// What operating costs.
pub const EXPENSE: &str = "Dépenses de fonctionnement";
const TAXES: &str = "Impôts et taxes";
const STATE: &str = "Concours de l'Etat";
const INTEREST: &str = "Charges financières";
/// What operating leaves.
pub const GROSS: &str = "Epargne brute";
const REPAID: &str = "Remboursements d'emprunts hors GAD";
const BORROWED: &str = "Emprunts hors GAD";
const INVESTED: &str = "Dépenses d'investissement hors remb";
const TAKEN: &str = "Recettes d'investissement hors emprunts";
const NEED: &str = "Capacité ou besoin de financement";
const FLOW: &str = "Flux net de dette";

/// All identities. *Épargne de gestion* is in none: it is not *épargne brute* and interest for every body.
pub const IDENTITIES: [Identity; 18] = [
    identity(
        EXPENSE,
        &[
            "Achats et charges externes",
            "Frais de personnel",
            INTEREST,
            "Dépenses d'intervention",
            "Autres dépenses de fonctionnement",
        ],
        &[],
    ),
    identity(
        REVENUE,
        &[
            TAXES,
            STATE,
            "Subventions reçues et participations",
            "Ventes de biens et services",
            "Autres recettes de fonctionnement",
        ],
        &[],
    ),
    identity(TAXES, &["Impôts locaux", "Autres impôts et taxes"], &[]),
    identity(
        STATE,
        &[
            "Dotation globale de fonctionnement",
            "Autres dotations de fonctionnement",
            "Péréquations et compensations fiscales",
        ],
        &[],
    ),
    identity(GROSS, &[REVENUE], &[EXPENSE]),
    identity("Epargne nette", &[GROSS], &[REPAID]),
    identity("Annuité de la dette", &[INTEREST, REPAID], &[]),
    identity(FLOW, &[BORROWED], &[REPAID]),
    identity("Dépenses d'investissement", &[INVESTED, REPAID], &[]),
    identity(
        INVESTED,
        &[
            "Dépenses d'équipement",
            "Subventions d'équipement versées",
            "Autres dépenses d'investissement",
        ],
        &[],
    ),
    identity("Recettes d'investissement", &[TAKEN, BORROWED], &[]),
    identity(
        TAKEN,
        &[
            "FCTVA",
            "Autres dotations et subventions",
            "Autres recettes d'investissement",
        ],
        &[],
    ),
    identity(NEED, &[GROSS, TAKEN], &[INVESTED]),
    identity("Variation du fonds de roulement", &[NEED, FLOW], &[]),
    identity(
        "Dépenses totales",
        &[EXPENSE, "Dépenses d'investissement"],
        &[],
    ),
    identity(
        "Recettes totales",
        &[REVENUE, "Recettes d'investissement"],
        &[],
    ),
    identity("Dépenses totales hors remb", &[EXPENSE, INVESTED], &[]),
    identity("Recettes totales hors emprunts", &[REVENUE, TAKEN], &[]),
];

/// The aggregates of a body's year, by label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aggregates {
    amounts: BTreeMap<String, Centimes>,
    /// How many amounts had noise that was taken away.
    pub denoised: u64,
}

/// An identity that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which one.
    pub identity: Identity,
    /// What the aggregate is published as.
    pub published: Centimes,
    /// What the others come to.
    pub computed: Centimes,
}

/// Why an amount is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AggregateError {
    /// It is none.
    #[error("{label}: {error}")]
    Amount {
        /// The aggregate.
        label: String,
        /// Why not.
        error: AmountError,
    },
    /// It has a fraction of a centime that is no noise.
    #[error("{label}: {text} has a fraction of a centime")]
    Fraction {
        /// The aggregate.
        label: String,
        /// The amount.
        text: String,
    },
    /// It is there twice with two amounts.
    #[error("{label} is there twice, as {one} and as {other}")]
    Twice {
        /// The aggregate.
        label: String,
        /// One amount.
        one: Centimes,
        /// The other.
        other: Centimes,
    },
}

impl Aggregates {
    /// Adds an aggregate as it is published: see [`amount`].
    ///
    /// # Errors
    ///
    /// When the amount is none, is not of whole centimes, or the aggregate was there with another.
    pub fn add(&mut self, label: &str, text: &str) -> Result<(), AggregateError> {
        let read = amount(text).map_err(|error| match error {
            NoAmount::Amount(error) => AggregateError::Amount {
                label: label.to_owned(),
                error,
            },
            NoAmount::Fraction(text) => AggregateError::Fraction {
                label: label.to_owned(),
                text,
            },
        })?;
        self.denoised += u64::from(read.denoised);
        self.put(label, read.amount)
    }

    /// Adds an aggregate.
    ///
    /// # Errors
    ///
    /// When it was there with another amount.
    pub fn put(&mut self, label: &str, amount: Centimes) -> Result<(), AggregateError> {
        let known = self.amounts.insert(normalise(label), amount);
        match known {
            Some(known) if known != amount => Err(AggregateError::Twice {
                label: label.to_owned(),
                one: known,
                other: amount,
            }),
            _ => Ok(()),
        }
    }

    /// The amount of an aggregate; `None` where it is not published.
    pub fn get(&self, label: &str) -> Option<Centimes> {
        self.amounts.get(&normalise(label)).copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.amounts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.amounts.is_empty()
    }

    /// The identities that do not hold, and how many do. One that an aggregate is missing for is neither.
    pub fn check(&self) -> (usize, Vec<Broken>) {
        let mut held = 0;
        let mut broken = Vec::new();
        for identity in IDENTITIES {
            let Some((published, computed)) = self.both(&identity) else {
                continue;
            };
            if published.saturating_sub(computed).abs() <= TOLERANCE {
                held += 1;
            } else {
                broken.push(Broken {
                    identity,
                    published,
                    computed,
                });
            }
        }
        (held, broken)
    }

    /// An aggregate, and what the others come to.
    fn both(&self, identity: &Identity) -> Option<(Centimes, Centimes)> {
        let published = self.get(identity.total)?;
        let sum = |labels: &[&str]| {
            labels.iter().try_fold(Centimes::ZERO, |sum, label| {
                sum.checked_add(self.get(label)?)
            })
        };
        let computed = sum(identity.added)?.checked_sub(sum(identity.subtracted)?)?;
        Some((published, computed))
    }
}

/// The amount of an aggregate, as it is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The amount.
    pub amount: Centimes,
    /// Whether noise was taken away.
    pub denoised: bool,
}

/// Why a text is not the amount of an aggregate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAmount {
    /// It is none.
    #[error("{0}")]
    Amount(AmountError),
    /// It has a fraction of a centime that is no noise.
    #[error("{0} has a fraction of a centime")]
    Fraction(String),
}

/// Reads the amount of an aggregate. It is rounded to the nearest centime, halves away from zero, where it is no further
/// from it than a binary fraction may be.
///
/// # Errors
///
/// When it is none, or is not of whole centimes.
pub fn amount(text: &str) -> Result<Read, NoAmount> {
    let parsed = Centimes::parse(text).map_err(NoAmount::Amount)?;
    if parsed.rounded && !is_noise(text) {
        return Err(NoAmount::Fraction(text.chars().take(40).collect()));
    }
    Ok(Read {
        amount: parsed.amount,
        denoised: parsed.rounded,
    })
}

/// Whether what a text has beyond the centime is that of a binary fraction: zeros or nines first, as far as such a
/// fraction is right.
fn is_noise(text: &str) -> bool {
    let text = text.trim();
    if let Some((_, power)) = text.split_once(['e', 'E']) {
        // A difference that should be nothing: 2.9e-11.
        return power.parse::<i32>().is_ok_and(|power| power <= NOTHING);
    }
    let Some((_, decimals)) = text.split_once('.') else {
        return false;
    };
    let beyond = decimals.get(2..NOISE_DECIMALS).unwrap_or_default();
    beyond.len() == NOISE_DECIMALS - 2
        && (beyond.bytes().all(|digit| digit == b'0') || beyond.bytes().all(|digit| digit == b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Option<Centimes>, u64), AggregateError> {
        let mut aggregates = Aggregates::default();
        aggregates.add(GROSS, text)?;
        Ok((aggregates.get("ÉPARGNE BRUTE"), aggregates.denoised))
    }

    #[test]
    fn noise_is_taken_away_and_counted() {
        let of = |centimes| Some(Centimes::new(centimes));
        assert_eq!(read("268607322.920001"), Ok((of(26_860_732_292), 1)));
        assert_eq!(read("-57010792.039999"), Ok((of(-5_701_079_204), 1)));
        assert_eq!(read("12.5"), Ok((of(1_250), 0)));
        assert_eq!(read("-2.91038304567337e-11"), Ok((of(0), 1)));
        for text in ["1.005", "1.0050001", "2.994", "3.1239", "2.5e-3"] {
            let error = read(text).unwrap_err();
            assert!(matches!(error, AggregateError::Fraction { .. }), "{error}");
        }
        assert!(matches!(read("x"), Err(AggregateError::Amount { .. })));
    }

    #[test]
    fn identities_hold_are_broken_or_cannot_be_told() {
        let mut aggregates = Aggregates::default();
        aggregates.add(REVENUE, "10.00").unwrap();
        assert_eq!(aggregates.check(), (0, Vec::new()));
        aggregates.add(EXPENSE, "7.50").unwrap();
        aggregates.add(GROSS, "2.49").unwrap();
        assert_eq!(aggregates.check(), (1, Vec::new()));
        aggregates.add("Epargne nette", "1.00").unwrap();
        aggregates.add(REPAID, "1.00").unwrap();
        let (held, broken) = aggregates.check();
        assert_eq!((held, broken.len()), (1, 1));
        assert_eq!(broken[0].identity.total, "Epargne nette");
        assert_eq!(broken[0].computed, Centimes::new(149));
        let twice = aggregates.add(GROSS, "2.50").unwrap_err();
        assert!(matches!(twice, AggregateError::Twice { .. }), "{twice}");
    }
}
