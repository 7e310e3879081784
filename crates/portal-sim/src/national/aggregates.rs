//! Aggregates of main budgets, as the OFGL publishes them: sums of accounts, with the noise of binary fractions in some.

use super::balances::Column;
use super::bodies::{Body, BodyKind, Budget};
use super::books::{Movement, books};
use super::cell::Cell;
use super::chance::{mixed, of_text};

/// One amount in so many has noise.
const NOISY_EACH: u64 = 9;

/// The columns of a kind of body.
pub fn columns(kind: BodyKind) -> Vec<Column> {
    let mut columns = vec![("exer", "date")];
    match kind {
        BodyKind::Commune => columns.extend([
            ("dep_code", "text"),
            ("dep_name", "text"),
            ("epci_name", "text"),
            ("insee", "text"),
            ("com_name", "text"),
        ]),
        BodyKind::Region => columns.extend([("reg_code", "text"), ("reg_name", "text")]),
        _ => columns.extend([("dep_code", "text"), ("dep_name", "text")]),
    }
    columns.extend([
        ("siren", "text"),
        ("nomen", "text"),
        ("type_de_budget", "text"),
        ("agregat", "text"),
        ("montant", "double"),
        ("ptot", "int"),
    ]);
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
    let departement = body.departement.trim_start_matches('0');
    let departement = format!("{departement:0>2}");
    let aggregates = aggregates(&books(budget, year));
    for (label, amount) in aggregates {
        let is_noisy =
            mixed(&[budget.key, u64::from(year), of_text(label)]).is_multiple_of(NOISY_EACH);
        let cell = |(name, _): &Column| match *name {
            "exer" => Cell::Text(year.to_string().into()),
            "dep_code" => Cell::Text(departement.as_str().into()),
            "dep_name" => Cell::Text(format!("Département d'exemple {departement}").into()),
            "reg_code" => Cell::Text(format!("{:02}", body.insee).into()),
            "epci_name" => Cell::Text(format!("CC d'exemple {}", body.grouping + 1).into()),
            "insee" => Cell::Text(body.code().into()),
            "com_name" | "reg_name" => Cell::Text(body.name.clone()),
            "siren" => Cell::Text(body.siren.clone()),
            "nomen" => Cell::Word(budget.family(year).name()),
            "type_de_budget" => Cell::Word("Budget principal"),
            "agregat" => Cell::Word(label),
            "montant" if is_noisy => Cell::Noisy(amount),
            "montant" => Cell::Amount(amount),
            "ptot" => Cell::Number(body.population(year)),
            _ => Cell::Null,
        };
        made(columns.iter().map(cell).collect());
    }
}

/// How many aggregates each budget's year has.
pub fn count() -> usize {
    aggregates(&[]).len()
}

/// Sums over accounts that begin in certain ways.
struct Sums<'a>(&'a [Movement]);

impl Sums<'_> {
    fn of(&self, prefixes: &[&str], amount: fn(&Movement) -> i64) -> i64 {
        let found = self.0.iter().filter(|movement| {
            let mut prefixes = prefixes.iter();
            prefixes.any(|prefix| movement.account.starts_with(prefix))
        });
        found.map(amount).sum()
    }

    fn expense(&self, prefixes: &[&str]) -> i64 {
        self.of(prefixes, Movement::closing)
    }

    fn revenue(&self, prefixes: &[&str]) -> i64 {
        self.of(prefixes, |one| -one.closing())
    }

    fn paid(&self, prefixes: &[&str]) -> i64 {
        self.of(prefixes, |one| one.real().0)
    }

    fn received(&self, prefixes: &[&str]) -> i64 {
        self.of(prefixes, |one| one.real().1)
    }
}

/// The aggregates, as the OFGL makes and calls them.
fn aggregates(books: &[Movement]) -> Vec<(&'static str, i64)> {
    let sums = Sums(books);
    let expense = sums.expense(&["60", "61", "62", "63", "64", "65", "66", "67", "69"])
        - sums.expense(&["675", "676"]);
    let purchases = sums.expense(&["60", "61", "62"]) - sums.expense(&["621"]);
    let personnel = sums.expense(&["621", "631", "633", "64"]);
    let interest = sums.expense(&["66"]);
    let interventions = sums.expense(&["651", "652", "655", "656", "657"]);
    let revenue =
        sums.revenue(&["70", "73", "74", "75", "76", "77"]) - sums.revenue(&["775", "776", "777"]);
    let (taxes, local) = (sums.revenue(&["73"]), sums.revenue(&["731"]));
    let (dgf, compensations) = (sums.revenue(&["741"]), sums.revenue(&["748"]));
    let state = dgf + compensations + sums.revenue(&["742", "744", "745", "746"]);
    let grants = sums.revenue(&["74"]) - state;
    let sales = sums.revenue(&["70"]);
    let gross = revenue - expense;
    // Deposits, and loans that are only turned into others, are none that is repaid.
    let other = ["165", "166", "1645", "16449", "1688", "169"];
    let repaid = sums.paid(&["16"]) - sums.paid(&other);
    let borrowed = sums.received(&["16"]) - sums.received(&other);
    let invested = sums.paid(&["1", "2"]) - repaid;
    let equipment = sums.paid(&["20", "21", "23"]) - sums.paid(&["204"]);
    let given = sums.paid(&["204"]);
    let taken = sums.received(&["1", "2"]) - borrowed - sums.received(&["1068"]);
    let (vat, subsidies) = (sums.received(&["10222"]), sums.received(&["13"]));
    let debt = sums.revenue(&["16"]);
    let need = gross + taken - invested;
    let flow = borrowed - repaid;
    vec![
        ("Recettes de fonctionnement", revenue),
        ("Impôts et taxes", taxes),
        ("Impôts locaux", local),
        ("Autres impôts et taxes", taxes - local),
        ("Fiscalité reversée", sums.revenue(&["732"])),
        ("Concours de l'Etat", state),
        ("Dotation globale de fonctionnement", dgf),
        (
            "Autres dotations de fonctionnement",
            state - dgf - compensations,
        ),
        ("Péréquations et compensations fiscales", compensations),
        ("Subventions reçues et participations", grants),
        ("Ventes de biens et services", sales),
        (
            "Autres recettes de fonctionnement",
            revenue - taxes - state - grants - sales,
        ),
        ("Dépenses de fonctionnement", expense),
        ("Achats et charges externes", purchases),
        ("Frais de personnel", personnel),
        ("Charges financières", interest),
        ("Dépenses d'intervention", interventions),
        (
            "Subventions aux personnes de droit privé",
            sums.expense(&["6574"]),
        ),
        (
            "Autres dépenses de fonctionnement",
            expense - purchases - personnel - interest - interventions,
        ),
        ("Epargne de gestion", gross + interest),
        ("Epargne brute", gross),
        ("Epargne nette", gross - repaid),
        ("Annuité de la dette", interest + repaid),
        ("Dépenses d'investissement", invested + repaid),
        ("Dépenses d'investissement hors remb", invested),
        ("Dépenses d'équipement", equipment),
        ("Subventions d'équipement versées", given),
        (
            "Autres dépenses d'investissement",
            invested - equipment - given,
        ),
        ("Remboursements d'emprunts hors GAD", repaid),
        ("Recettes d'investissement", taken + borrowed),
        ("Recettes d'investissement hors emprunts", taken),
        ("FCTVA", vat),
        ("Autres dotations et subventions", subsidies),
        ("Autres recettes d'investissement", taken - vat - subsidies),
        ("Emprunts hors GAD", borrowed),
        ("Flux net de dette", flow),
        ("Capacité ou besoin de financement", need),
        ("Variation du fonds de roulement", need + flow),
        ("Dépenses totales", expense + invested + repaid),
        ("Dépenses totales hors remb", expense + invested),
        ("Recettes totales", revenue + taken + borrowed),
        ("Recettes totales hors emprunts", revenue + taken),
        ("Encours de dette", debt),
        (
            "Encours de dette - Dettes bancaires et assimilées",
            sums.revenue(&["164"]),
        ),
        (
            "Encours de dette - Dépôts et cautionnements reçus",
            sums.revenue(&["165"]),
        ),
        ("Dépôts au Trésor", sums.expense(&["515"])),
    ]
}
