//! An invented statement in the official form, with what is to be odd about it. Tests of other crates have it, too.

use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{Activity, Role, Side};
use serde_json::{Value, json};

/// A record of a portal; a category that is none of the nomenclature's is published as it is.
fn record(
    year: &str,
    activity: &str,
    side: &str,
    category: &str,
    label: &str,
    amount: &Value,
) -> String {
    json!({
        "exercice_comptable": year,
        "type_de_resultat": activity,
        "produit_charge": side,
        "poste": category,
        "detail_postes": label,
        "montant_en_eur": amount,
    })
    .to_string()
}

/// Two years of a statement. `alter` may replace the amount of a line of operating expense by its label; what
/// official lines come to is printed as the total of their block.
pub fn invented(
    alter: impl Fn(&str, Role) -> Option<Value>,
    others: &[(&str, &str, &str, &str)],
) -> Vec<String> {
    let nomenclature = Nomenclature::by_code("M57").unwrap();
    let mut records = Vec::new();
    for year in ["2022", "2023"] {
        for block in &nomenclature.blocks {
            let activity = match block.activity {
                Activity::Financial => "FINANCIER",
                _ => "EXPLOITATION",
            };
            let side = match block.side {
                Side::Revenue => "PRODUITS",
                Side::Expense => "CHARGES",
            };
            let printed = |label: &str, role: Role, euros: i64| {
                let altered = (year == "2023").then(|| alter(label, role)).flatten();
                let amount = altered.unwrap_or_else(|| euros.into());
                record(year, activity, side, &block.label, label, &amount)
            };
            let of_role = |role| block.lines.iter().filter(move |line| line.role == role);
            let mut total = 0;
            for (euros, line) in (100..).zip(of_role(Role::Line)) {
                total += euros;
                records.push(printed(&line.label, line.role, euros));
            }
            for line in of_role(Role::Total) {
                records.push(printed(&line.label, line.role, total));
            }
        }
        for (activity, side, category, label) in others {
            records.push(record(year, activity, side, category, label, &json!(7.25)));
        }
    }
    records
}

/// The line of operating expense that is one of many.
const PURCHASES: &str = "Achats et charges externes";

/// A statement whose total of operating expense stands in for lines of several categories in 2023.
pub fn undetailed() -> Vec<String> {
    let left_out =
        |label: &str, role| (role == Role::Line && label == PURCHASES).then_some(Value::Null);
    invented(left_out, &[])
}

/// A statement with labels on both sides that no nomenclature has.
pub fn unrecognised() -> Vec<String> {
    let others = [
        (
            "EXPLOITATION",
            "CHARGES",
            "CHARGES DE FONCTIONNEMENT",
            "Redevance inconnue",
        ),
        ("EXPLOITATION", "CHARGES", "POSTE INCONNU", "Autre inconnue"),
        ("FINANCIER", "CHARGES", "POSTE INCONNU", "Frais inconnus"),
        (
            "EXPLOITATION",
            "PRODUITS",
            "PRODUITS INCONNUS",
            "Recette inconnue",
        ),
        ("FINANCIER", "PRODUITS", "PRODUITS INCONNUS", "Gain inconnu"),
    ];
    invented(|_, _| None, &others)
}
