//! The names by which portals are known to call the fields that a record must or may have.

use centime_warehouse::Subject;

/// A field that a record must or may have.
#[derive(Debug)]
pub struct FieldNames {
    /// Our name for it, as in the configuration.
    pub key: &'static str,
    /// The names known for it, normalised, the likeliest first.
    pub aliases: &'static [&'static str],
}

/// What a record may hold: the public body it is about and its budget, where a dataset has several.
pub const OPTIONAL: [FieldNames; 4] = [
    FieldNames {
        key: "siren",
        aliases: &["siren", "numero siren", "code siren", "n siren"],
    },
    FieldNames {
        key: "siret",
        aliases: &[
            "siret",
            "numero siret",
            "code siret",
            "n siret",
            "bgt siret",
            IDENT,
        ],
    },
    FieldNames {
        key: "budget",
        aliases: &["cbudg", "type de budget", "type budget"],
    },
    FieldNames {
        key: "body_name",
        aliases: &[
            "lbudg",
            "libelle du budget",
            "libelle budget",
            "collectivite",
            "nom collectivite",
            "nom de la collectivite",
            "libelle collectivite",
            "nom commune",
            "nom de la commune",
        ],
    },
];

/// The name that account balances of the DGFiP give to the SIRET number. Elsewhere it may be any number, so it is
/// believed beside other names of theirs only.
pub const IDENT: &str = "ident";
pub const OF_THE_DGFIP: [&str; 3] = ["lbudg", "cbudg", "nomen"];

/// What records of every subject have under the same names.
const FISCAL_YEAR: FieldNames = FieldNames {
    key: "fiscal_year",
    aliases: &[
        "exercice comptable",
        "exercice",
        "annee",
        "annee comptable",
        "fiscal year",
    ],
};
const CATEGORY: FieldNames = FieldNames {
    key: "category",
    aliases: &["poste", "postes", "libelle poste", "category"],
};

const INCOME_STATEMENT: [FieldNames; 6] = [
    FISCAL_YEAR,
    FieldNames {
        key: "activity",
        aliases: &[
            "type de resultat",
            "type resultat",
            "nature du resultat",
            "activity",
        ],
    },
    FieldNames {
        key: "side",
        aliases: &[
            "produit charge",
            "produits charges",
            "charge produit",
            "sens",
            "side",
        ],
    },
    CATEGORY,
    FieldNames {
        key: "label",
        aliases: &[
            "detail postes",
            "detail poste",
            "detail du poste",
            "detail",
            "libelle",
            "label",
        ],
    },
    FieldNames {
        key: "amount",
        aliases: &[
            "montant en eur",
            "montant en euros",
            "montant en",
            "montant",
            "amount",
        ],
    },
];

const BALANCE_SHEET: [FieldNames; 7] = [
    FISCAL_YEAR,
    FieldNames {
        key: "side",
        aliases: &["actif passif", "sens", "side"],
    },
    CATEGORY,
    FieldNames {
        key: "label",
        aliases: &[
            "detail",
            "detail postes",
            "detail poste",
            "libelle",
            "label",
        ],
    },
    FieldNames {
        key: "gross",
        aliases: &["brut", "montant brut", "gross"],
    },
    FieldNames {
        key: "depreciation",
        aliases: &[
            "amortissements et provisions",
            "amortissements et depreciations",
            "amortissements",
            "depreciation",
        ],
    },
    FieldNames {
        key: "net",
        aliases: &["net", "montant net"],
    },
];

const ACCOUNT_BALANCES: [FieldNames; 3] = [
    FieldNames {
        key: "fiscal_year",
        aliases: &["exercice", "exer", "exerciceg", "annee", "fiscal year"],
    },
    FieldNames {
        key: "account",
        aliases: &["compte", "ncompte", "account"],
    },
    FieldNames {
        key: "chart",
        aliases: &["nomenclature", "nomen", "chart"],
    },
];

const AGGREGATES: [FieldNames; 3] = [
    FieldNames {
        key: "fiscal_year",
        aliases: &["exer", "exercice", "annee", "fiscal year"],
    },
    FieldNames {
        key: "aggregate",
        aliases: &["agregat", "aggregate"],
    },
    FieldNames {
        key: "amount",
        aliases: &["montant", "montant en eur", "montant en euros", "amount"],
    },
];

/// What control totals say of a body, by the names that the OFGL uses.
const OF_AGGREGATES: [FieldNames; 10] = [
    FieldNames {
        key: "insee",
        aliases: &["insee", "com code", "code insee", "code commune"],
    },
    FieldNames {
        key: "commune",
        aliases: &["com name", "nom commune", "commune"],
    },
    FieldNames {
        key: "grouping",
        aliases: &["epci name", "nom epci"],
    },
    FieldNames {
        key: "departement",
        aliases: &["dep code", "code departement"],
    },
    FieldNames {
        key: "departement_name",
        aliases: &["dep name", "nom departement", "departement"],
    },
    FieldNames {
        key: "region",
        aliases: &["reg code", "code region"],
    },
    FieldNames {
        key: "region_name",
        aliases: &["reg name", "nom region", "region"],
    },
    FieldNames {
        key: "budget_name",
        aliases: &["lbudg", "libelle du budget", "libelle budget"],
    },
    FieldNames {
        key: "chart",
        aliases: &["nomen", "nomenclature", "chart"],
    },
    FieldNames {
        key: "population",
        aliases: &["ptot", "population totale", "population"],
    },
];

/// What records of a statement that follows from account balances say of a body.
const OF_STATEMENTS: [FieldNames; 3] = [
    FieldNames {
        key: "kind",
        aliases: &["nature de la collectivite"],
    },
    FieldNames {
        key: "insee",
        aliases: &["insee de la collectivite"],
    },
    FieldNames {
        key: "departement_name",
        aliases: &["departement de la collectivite"],
    },
];

/// The columns of accounts, with the names that the DGFiP gives them: today's, and those of 2013.
const OF_ACCOUNTS: [FieldNames; 12] = [
    FieldNames {
        key: "opening_debit",
        aliases: &["bedeb", "bentreed", "opening debit"],
    },
    FieldNames {
        key: "opening_credit",
        aliases: &["becre", "bentreec", "opening credit"],
    },
    FieldNames {
        key: "budget_debit",
        aliases: &["obnetdeb", "obdna", "budget debit"],
    },
    FieldNames {
        key: "budget_credit",
        aliases: &["obnetcre", "obcna", "budget credit"],
    },
    FieldNames {
        key: "order_debit",
        aliases: &["oobdeb", "oobd", "order debit"],
    },
    FieldNames {
        key: "order_credit",
        aliases: &["oobcre", "oobc", "order credit"],
    },
    FieldNames {
        key: "non_budget_debit",
        aliases: &["onbdeb", "onbd", "non budget debit"],
    },
    FieldNames {
        key: "non_budget_credit",
        aliases: &["onbcre", "onbc", "non budget credit"],
    },
    FieldNames {
        key: "closing_debit",
        aliases: &["sd", "solded", "closing debit"],
    },
    FieldNames {
        key: "closing_credit",
        aliases: &["sc", "soldec", "closing credit"],
    },
    FieldNames {
        key: "population",
        aliases: &["population", "ptot"],
    },
    FieldNames {
        key: "debt",
        aliases: &["encours de dette", "debt"],
    },
];

/// What the records of a subject may hold.
pub fn optional(subject: Subject) -> impl Iterator<Item = &'static FieldNames> {
    let of_subject: &[FieldNames] = match subject {
        Subject::IncomeStatement => &OF_STATEMENTS,
        Subject::BalanceSheet => &[],
        Subject::Aggregates => &OF_AGGREGATES,
        Subject::AccountBalances => &OF_ACCOUNTS,
    };
    OPTIONAL.iter().chain(of_subject)
}

/// What the records of a subject must hold.
pub fn required(subject: Subject) -> &'static [FieldNames] {
    match subject {
        Subject::IncomeStatement => &INCOME_STATEMENT,
        Subject::BalanceSheet => &BALANCE_SHEET,
        Subject::Aggregates => &AGGREGATES,
        Subject::AccountBalances => &ACCOUNT_BALANCES,
    }
}
