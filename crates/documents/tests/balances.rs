//! Tables of account balances: those of every year, real rows, several bodies, and what is refused.

use std::fs;
use std::path::Path;

use centime_accounts::{Budget, Centimes};
use centime_documents::{
    AccountLine, Document, DocumentKind, Error, Input, Limits, Standing, Wanted, each_account,
    read, read_inputs_of, read_wanted,
};
use centime_test_input::skipped;
use proptest::prelude::*;

/// The columns of 2024, and rows of three budgets of two bodies.
const HEADER: &str = "exer;ident;ndept;lbudg;insee;cbudg;ctype;cstyp;nomen;siren;cregi;cacti;secteur;finess;codbud1;categ;bal;compte;bedeb;becre;obnetdeb;obnetcre;onbdeb;onbcre;oobdeb;oobcre;sd;sc";
const ROWS: [&str; 8] = [
    "2024;21380185500015;038;GRENOBLE;185;1;101;00;M57;213801855;084;40;;;;Commune;DEF;6411;0.0;0.0;70.5;0.5;0.0;0.0;0.0;0.0;70.0;0.0",
    "2024;21380185500015;038;GRENOBLE;185;1;101;00;M57;213801855;084;40;;;;Commune;DEF;73111;0.0;0.0;0.0;100.0;0.0;0.0;0.0;0.0;0.0;100.0",
    "2024;21380185500015;038;GRENOBLE;185;1;101;00;M57;213801855;084;40;;;;Commune;DEF;515;20.0;0.0;0.0;0.0;130.0;100.0;0.0;0.0;50.0;0.0",
    "2024;21380185500015;038;GRENOBLE;185;1;101;00;M57;213801855;084;40;;;;Commune;DEF;1021;0.0;20.0;0.0;0.0;0.0;0.0;0.0;0.0;0.0;20.0",
    "2024;21380185500023;038;EAU GRENOBLE;185;3;101;00;M49;213801855;084;40;;;;Commune;DEF;604;0.0;0.0;5.0;0.0;0.0;0.0;0.0;0.0;5.0;0.0",
    "2024;21380185500023;038;EAU GRENOBLE;185;3;101;00;M49;213801855;084;40;;;;Commune;DEF;701;0.0;0.0;0.0;7.0;0.0;0.0;0.0;0.0;0.0;7.0",
    "2024;21690123100011;069;LYON;123;1;101;00;M22;216901231;084;40;;;;Commune;DEF;6411;0.0;0.0;1.0;0.0;0.0;0.0;0.0;0.0;1.0;0.0",
    "2024;21690123100011;069;LYON;123;1;101;00;M22;216901231;084;40;;;;Commune;DEF;7011;0.0;0.0;0.0;3.0;0.0;0.0;0.0;0.0;0.0;3.0",
];

fn table(rows: &[&str]) -> String {
    let lines: Vec<&str> = [HEADER].iter().chain(rows).copied().collect();
    lines.join("\r\n") + "\r\n"
}

fn documents(text: &[u8]) -> Vec<Document> {
    let read = read(text, "made", &Limits::default());
    read.unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(text: &str) -> String {
    let read = read(text.as_bytes(), "made", &Limits::default());
    read.unwrap_err().to_string()
}

fn euros(text: &str) -> Centimes {
    Centimes::parse(text).unwrap().amount
}

#[test]
fn each_budget_and_year_is_a_document() {
    let found = documents(table(&ROWS).as_bytes());
    let names: Vec<(&str, &str)> = found
        .iter()
        .map(|it| (it.budget.siret.as_str(), it.budget.name.as_str()))
        .collect();
    let expected = [
        ("21380185500015", "GRENOBLE"),
        ("21380185500023", "EAU GRENOBLE"),
        ("21690123100011", "LYON"),
    ];
    assert_eq!(names, expected);
    let [town, water, unknown] = &found[..] else {
        panic!()
    };
    assert_eq!(town.kind, DocumentKind::AccountBalances);
    assert_eq!(town.budget.kind, Some(Budget::Main));
    assert_eq!(town.budget.insee.as_deref(), Some("38185"));
    assert_eq!(town.chart.as_ref().unwrap().family, "M57");
    let balances = town.balances.as_ref().unwrap();
    assert_eq!(balances.trial.result(), Some(euros("30.00")));
    assert_eq!(balances.trial.imbalance(), Some(Centimes::ZERO));
    assert!(balances.functions.is_empty());
    // The statement's classes and those of the balance sheet agree.
    let results: Vec<Centimes> = town.witnesses().iter().map(|it| it.result).collect();
    assert_eq!(results, [euros("30.00"); 2]);
    assert_eq!(water.budget.kind, Some(Budget::Annex));
    assert_eq!(water.chart.as_ref().unwrap().family, "M49");
    // A family that is not known is kept as it is named.
    assert_eq!(unknown.chart, None);
    let nomenclature = unknown.balances.as_ref().unwrap().nomenclature.as_deref();
    assert_eq!(nomenclature, Some("M22"));
}

#[test]
fn tables_of_other_years_have_other_forms() {
    let of_2013 = "\u{feff}\"ExerciceG\";\"SIRET\";\"Departement\";\"LibBudget\";\"INSEE\";\"Nomenclature\";\"NCompte\";\"BEntreeD\";\"BEntreeC\";\"OBDNA\";\"OBCNA\";\"ONBD\";\"ONBC\";\"OOBD\";\"OOBC\";\"SoldeD\";\"SoldeC\"\n\
        \"2013\";\"21380185500015\";\"038\";\"GRENOBLE\";\"185\";\"M14\";\"6411\";\"0\";\"0\";\"70,50\";\"0,50\";\"0\";\"0\";\"0\";\"0\";\"70,00\";\"0\"\n";
    let [found] = &documents(of_2013.as_bytes())[..] else {
        panic!()
    };
    assert_eq!(
        (found.year.get(), found.budget.insee.as_deref()),
        (2013, Some("38185"))
    );
    let balances = found.balances.as_ref().unwrap();
    assert_eq!(balances.trial.result(), Some(euros("-70.00")));

    let of_2017 = HEADER
        .to_uppercase()
        .replace("COMPTE;", "COMPTE\t;")
        .replace(";CATEG;BAL", "");
    let row = ROWS[0]
        .replace("2024;", "2017;")
        .replace(";Commune;DEF", "")
        .replace("6411;", "6411\t;");
    let [found] = &documents(format!("{of_2017}\n{row}\n").as_bytes())[..] else {
        panic!()
    };
    assert_eq!(found.year.get(), 2017);
    assert_eq!(found.balances.as_ref().unwrap().standing, Standing::Final);

    let latin = table(&[&ROWS[0].replace("GRENOBLE", "SAINT-ÉTIENNE")]);
    let latin: Vec<u8> = latin
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    assert_eq!(documents(&latin)[0].budget.name, "SAINT-ÉTIENNE");
}

#[test]
fn rows_of_functions_are_added_and_kept() {
    let header = HEADER.replace(";compte;", ";fonction;compte;");
    let rows = [
        ROWS[0].replace(";6411;", ";020;6411;"),
        ROWS[0].replace(";6411;", ";211;6411;"),
        ROWS[1].replace(";73111;", ";01;73111;"),
    ];
    let found = documents(format!("{header}\n{}\n", rows.join("\n")).as_bytes());
    let balances = found[0].balances.as_ref().unwrap();
    assert_eq!(balances.trial.result(), Some(euros("-40.00")));
    let functions: Vec<(&str, &str)> = balances
        .functions
        .iter()
        .map(|part| (part.account.as_str(), part.function.as_str()))
        .collect();
    assert_eq!(
        functions,
        [("6411", "020"), ("6411", "211"), ("73111", "01")]
    );
}

#[test]
fn a_balance_that_is_not_final_is_said_to_be_none() {
    let of = |row: &str| row.replace(";DEF;", ";Juil2026;");
    let [found] = &documents(table(&[&of(ROWS[0])]).as_bytes())[..] else {
        panic!()
    };
    assert_eq!(found.kind, DocumentKind::ProvisionalBalances);
    let standing = &found.balances.as_ref().unwrap().standing;
    assert_eq!(*standing, Standing::Provisional("Juil2026".to_owned()));
    // Beside the final one it is not taken.
    let both = documents(table(&[&of(ROWS[0]), ROWS[0]]).as_bytes());
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].kind, DocumentKind::AccountBalances);
}

#[test]
fn some_bodies_are_taken_of_a_table_of_many() {
    let text = table(&ROWS);
    let of = |name: &str| {
        let wanted = Wanted::new([name]);
        read_wanted(text.as_bytes(), "made", &Limits::default(), &wanted)
    };
    let many = |name: &str| of(name).unwrap_or_else(|error| panic!("{error}")).len();
    assert_eq!(many("213801855"), 2);
    assert_eq!(many("213 801 855 00023"), 1);
    assert_eq!(many("38185"), 2);
    assert_eq!(many("Grenoble"), 1);
    assert_eq!(many("eau grénoble"), 1);
    for name in ["Marseille", "130550", "13055", "217500016"] {
        assert_eq!(many(name), 0, "{name}");
    }
    // Rows that are not wanted are not read: what is wrong in them does not matter.
    let text = table(&[
        ROWS[0],
        &ROWS[6].replace(";M22;", ";M57;").replace("1.0;0.0\r", "x"),
    ]);
    let broken = text.replace(";6411;0.0;0.0;1.0;", ";6411;x;0.0;1.0;");
    assert!(read(broken.as_bytes(), "made", &Limits::default()).is_err());
    let wanted = Wanted::new(["38185"]);
    assert!(read_wanted(broken.as_bytes(), "made", &Limits::default(), &wanted).is_ok());
}

#[test]
fn a_body_that_is_in_no_file_or_is_several_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, rows: &[&str]| {
        let path = folder.path().join(name);
        fs::write(&path, table(rows)).unwrap();
        Input::Path(path)
    };
    let other = ROWS[6].replace("LYON", "GRENOBLE");
    let inputs = [file("a.csv", &ROWS), file("b.csv", &[ROWS[0], &other])];
    let read = |inputs: &[Input], names: &[&str]| {
        let (mut many, wanted) = (0, Wanted::new(names));
        let mut count = |_document| {
            many += 1;
            Ok::<_, Error>(())
        };
        let limits = Limits::default();
        let read = read_inputs_of(inputs, &limits, &wanted, &mut |_| {}, &mut count);
        read.map(|_files| many).map_err(|error| error.to_string())
    };
    assert_eq!(read(&inputs, &[]), Ok(5));
    // One that is in one of the files is enough.
    assert_eq!(read(&inputs, &["Lyon", "21380185500023"]), Ok(2));
    let message = read(&inputs, &["38185", "Marseille"]).unwrap_err();
    assert!(message.contains("of «Marseille»"), "{message}");
    let message = read(&inputs, &["grenoble"]).unwrap_err();
    assert!(message.contains("213801855, 216901231"), "{message}");
}

#[test]
fn what_cannot_be_right_is_refused_with_its_line() {
    let wrong = |from: &str, to: &str| refusal(&table(&[ROWS[1], &ROWS[0].replace(from, to)]));
    let message = wrong(";70.0;0.0", ";70.02;0.0");
    assert!(
        message.contains("line 3: the account 6411 closes with 70.02 €")
            && message.contains("70.00 €"),
        "{message}"
    );
    for (from, to, words) in [
        ("21380185500015", "21380185500016", "check digit"),
        ("21380185500015", "213801855", "SIREN number"),
        ("2024;", "24;", "line 3"),
        (";6411;", ";64A1;", "not the number of an account"),
        (";6411;", ";;", "no value of compte"),
        ("70.5", "70.505", "fraction of a centime"),
        (";70.5;", ";1e30;", "line 3"),
        ("70.0;0.0", "70.0", "values"),
        (";M57;", ";M14;", "nomenclatures"),
    ] {
        let message = wrong(from, to);
        assert!(message.contains(words), "{from} {to}: {message}");
    }
    let message = refusal(&table(&[ROWS[0], ROWS[0]]));
    assert!(message.contains("has another row before it"), "{message}");
    let message = refusal(&table(&[]));
    assert!(message.contains("no line of accounts"), "{message}");
    let message = refusal(&table(&ROWS).replace(";onbcre", ""));
    assert!(message.contains("column ONBCRE"), "{message}");
    // An account may close a centime beside.
    assert!(
        read(
            table(&[&ROWS[0].replace(";70.0;0.0", ";70.01;0.0")]).as_bytes(),
            "made",
            &Limits::default()
        )
        .is_ok()
    );
}

proptest! {
    #[test]
    fn any_table_is_read_or_refused(
        rows in "[0-9;.,\"\r\n A-Zé-]{0,200}",
        place in 0_usize..28,
        value in "[0-9eE.,\"; A-Z-]{0,24}",
    ) {
        let limits = Limits::default();
        let wanted = Wanted::new(["Grenoble", "38185"]);
        let mut cells: Vec<&str> = ROWS[0].split(';').collect();
        cells[place] = &value;
        for text in [format!("{HEADER}\n{rows}"), table(&[&cells.join(";"), ROWS[1]])] {
            for wanted in [&wanted, &Wanted::default()] {
                match read_wanted(text.as_bytes(), "made", &limits, wanted) {
                    Ok(found) => for document in found {
                        prop_assert!(document.balances.is_some());
                        prop_assert!(document.witnesses().len() <= 2);
                    },
                    Err(error) => prop_assert!(error.to_string().starts_with("made")),
                }
            }
        }
    }
}

#[test]
fn real_rows_close_with_what_moved_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/dgfip/balances-2024-sample.csv");
    let Ok(bytes) = fs::read(path) else {
        skipped(
            "balances-2024-sample.csv",
            "the real rows are not beside the repository",
        );
        return;
    };
    let mut lines: Vec<AccountLine> = Vec::new();
    let limits = Limits::default();
    let read = each_account(
        &bytes[..],
        "sample",
        &limits,
        &Wanted::default(),
        &mut |line| {
            lines.push(line);
            Ok(())
        },
    );
    read.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(lines.len(), 20);
    let [.., last] = &lines[..] else { panic!() };
    assert_eq!(
        (last.account.as_str(), last.insee.as_deref()),
        ("2141", Some("69123"))
    );
    assert_eq!(last.closing.debit, euros("1789952.56"));
    let found = documents(&bytes);
    let names: Vec<&str> = found.iter().map(|it| it.budget.name.as_str()).collect();
    assert_eq!(names, ["ANNECY", "GRENOBLE", "LYON", "CHAMBERY"]);
}
