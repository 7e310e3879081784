//! What each column was called in which year, in files and in records of the portal.

use crate::error::Problem;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The fiscal year.
    Year,
    /// The SIRET number of the budget.
    Siret,
    /// The département, in three characters.
    Departement,
    /// What the budget is called.
    Name,
    /// The code of the commune within its département.
    Insee,
    /// Which budget of its body it is: main, attached, annex.
    Budget,
    /// The chart of accounts.
    Nomenclature,
    /// The SIREN number of the body.
    Siren,
    /// The kind of body.
    Category,
    /// The code of the kind of body (`CTYPE`).
    BodyType,
    /// Whether the balance is final (`BAL`).
    Standing,
    /// The function.
    Function,
    /// The account.
    Account,
    /// What it opened with, on the debit side.
    OpeningDebit,
    /// The same, on the credit side.
    OpeningCredit,
    /// Operations of the budget net of cancellations, order operations included.
    BudgetDebit,
    /// The same, on the credit side.
    BudgetCredit,
    /// Operations beside the budget.
    NonBudgetDebit,
    /// The same, on the credit side.
    NonBudgetCredit,
    /// The order operations among those of the budget.
    OrderDebit,
    /// The same, on the credit side.
    OrderCredit,
    /// What it closed with, on the debit side.
    ClosingDebit,
    /// The same, on the credit side.
    ClosingCredit,
}

use Column::{
    Account, BodyType, Budget, BudgetCredit, BudgetDebit, Category, ClosingCredit, ClosingDebit,
    Departement, Function, Insee, Name, Nomenclature, NonBudgetCredit, NonBudgetDebit,
    OpeningCredit, OpeningDebit, OrderCredit, OrderDebit, Siren, Siret, Standing, Year,
};

/// Each column, whether a table needs it, and its names in small letters: that of the records of the portal and of files
/// from 2017 on, then those of older ones. Files of 2013 have `ExerciceG`, `NCompte`, `BEntreeD`, …; before 2016
/// `budget` and `type` stand for `cbudg` and `categ`.
const COLUMNS: [(Column, bool, &[&str]); 23] = [
    (Year, true, &["exer", "exerciceg", "exercice"]),
    (Siret, true, &["ident", "siret"]),
    (Departement, false, &["ndept", "departement"]),
    (Name, false, &["lbudg", "libbudget"]),
    (Insee, false, &["insee"]),
    (Budget, false, &["cbudg", "budget", "codebudget"]),
    (Nomenclature, false, &["nomen", "nomenclature"]),
    (Siren, false, &["siren"]),
    (Category, false, &["categ", "type"]),
    (BodyType, false, &["ctype"]),
    (Standing, false, &["bal"]),
    (Function, false, &["fonction"]),
    (Account, true, &["compte", "ncompte"]),
    (OpeningDebit, true, &["bedeb", "bentreed"]),
    (OpeningCredit, true, &["becre", "bentreec"]),
    (BudgetDebit, true, &["obnetdeb", "obdna"]),
    (BudgetCredit, true, &["obnetcre", "obcna"]),
    (NonBudgetDebit, true, &["onbdeb", "onbd"]),
    (NonBudgetCredit, true, &["onbcre", "onbc"]),
    (OrderDebit, false, &["oobdeb", "oobd"]),
    (OrderCredit, false, &["oobcre", "oobc"]),
    (ClosingDebit, true, &["sd", "solded"]),
    (ClosingCredit, true, &["sc", "soldec"]),
];

impl Column {
    /// Its name in the records of the portal, for messages.
    pub(super) fn name(self) -> &'static str {
        let found = COLUMNS.iter().find(|(column, ..)| *column == self);
        found.map_or("", |(_, _, names)| names[0])
    }
}

/// Where the columns of a table are, or the fields of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns([Option<usize>; COLUMNS.len()]);

impl Columns {
    /// Finds the columns among names, which may be in any order, in capitals, and have white space around them. Names
    /// of none are passed over.
    ///
    /// # Errors
    ///
    /// When a column is not there without which nothing can be read of a table, or is there twice.
    pub fn find<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Problem> {
        let mut places = [None; COLUMNS.len()];
        for (place, name) in names.into_iter().enumerate() {
            let name = name.trim().trim_matches('"').to_ascii_lowercase();
            let mut columns = COLUMNS.iter();
            let Some(column) = columns.position(|(.., known)| known.contains(&name.as_str()))
            else {
                continue;
            };
            if places[column].is_some() {
                return Err(Problem::Value {
                    field: name,
                    reason: "the table has two columns that mean the same; leave one out"
                        .to_owned(),
                });
            }
            places[column] = Some(place);
        }
        for (place, (_, needed, names)) in places.iter().zip(COLUMNS) {
            if needed && place.is_none() {
                let name = names[0].to_ascii_uppercase();
                return Err(Problem::Missing(format!("column {name} in the table")));
            }
        }
        Ok(Self(places))
    }

    /// Where a column is; `None` where the table has it not.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.0[column as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_the_names_of_every_year() {
        for header in [
            "ExerciceG;SIRET;Departement;LibBudget;INSEE;NCompte;BEntreeD;BEntreeC;OBDNA;OBCNA;ONBD;ONBC;OOBD;OOBC;SoldeD;SoldeC",
            "EXER;IDENT;NDEPT;LBUDG;INSEE;CBUDG;CTYPE;CSTYP;NOMEN;SIREN;COMPTE\t;BEDEB;BECRE;OBNETDEB;OBNETCRE;ONBDEB;ONBCRE;OOBDEB;OOBCRE;SD;SC",
            "exer;ident;ndept;lbudg;insee;budget;type;ctype;cstyp;nomen;siren;compte;bedeb;becre;obnetdeb;obnetcre;onbdeb;onbcre;oobdeb;oobcre;sd;sc",
            "exer;ident;ndept;lbudg;insee;cbudg;ctype;cstyp;nomen;siren;cregi;cacti;secteur;finess;codbud1;categ;bal;fonction;compte;bedeb;becre;obnetdeb;obnetcre;onbdeb;onbcre;oobdeb;oobcre;sd;sc",
        ] {
            let columns = Columns::find(header.split(';')).unwrap();
            let names: Vec<&str> = header.split(';').collect();
            let at = |column| names[columns.place(column).unwrap()].trim();
            assert!(["NCompte", "COMPTE", "compte"].contains(&at(Account)));
            assert!(["SoldeC", "SC", "sc"].contains(&at(ClosingCredit)));
            assert_eq!(columns.place(Year), Some(0));
        }
        for (place, (column, ..)) in COLUMNS.iter().enumerate() {
            assert_eq!(*column as usize, place);
        }
    }

    #[test]
    fn what_is_missing_or_doubled_is_named() {
        let problem = Columns::find(["exer", "ident", "compte"]).unwrap_err();
        assert!(problem.to_string().contains("column BEDEB"), "{problem}");
        let problem = Columns::find(["exer", "EXERCICE"]).unwrap_err();
        assert!(problem.to_string().contains("two columns"), "{problem}");
    }
}
