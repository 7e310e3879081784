//! What is read of each form, in any encoding.

use std::fs;
use std::io::Write;

use centime_accounts::{Budget, Centimes, Side};
use centime_documents::{Document, DocumentKind, Error, Input, Limits, read_inputs};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::documents::{CFU, SCDL, SIRET, TOTEM, document, documents};

fn euros(text: &str) -> Centimes {
    Centimes::parse(text).unwrap().amount
}

#[test]
fn a_cfu_has_a_statement_a_balance_sheet_and_accounts() {
    let found = document(CFU);
    assert_eq!(found.kind, DocumentKind::UnifiedAccount);
    assert_eq!(found.budget.siret, SIRET);
    assert_eq!(found.budget.name, "ESSAI");
    assert_eq!(found.budget.kind, Some(Budget::Main));
    assert_eq!((found.year.get(), found.population), (2023, Some(100)));
    assert_eq!(found.chart.as_ref().unwrap().name, "M57_A");
    let [block, taxes, gifts, result] = &found.statement[..] else {
        panic!("{:?}", found.statement)
    };
    assert!(block.is_block && block.is_title());
    assert_eq!(taxes.block, "PRODUITS DE FONCTIONNEMENT");
    assert_eq!(
        (taxes.side, taxes.code.as_deref()),
        (Some(Side::Revenue), Some("R125"))
    );
    assert_eq!(
        (taxes.amount, taxes.previous),
        (Some(euros("30")), Some(euros("25")))
    );
    assert_eq!(taxes.line, 14);
    assert_eq!((gifts.amount, gifts.previous), (None, None));
    assert_eq!((result.block.as_str(), result.side), ("", None));
    let [title, land, of_year] = &found.balance[..] else {
        panic!("{:?}", found.balance)
    };
    assert!(title.is_title() && land.is_asset && !of_year.is_asset);
    assert_eq!(land.heading, "CRÉANCES");
    assert_eq!(land.depreciation, Some(euros("2")));
    assert_eq!(found.executed.result(), Some(euros("10")));
    let order = &found.executed.accounts[0];
    assert_eq!(
        (order.account.as_str(), order.order_debit),
        ("6811", euros("20"))
    );
}

#[test]
fn a_compte_administratif_is_added_up_by_account() {
    let found = document(TOTEM);
    assert_eq!(found.kind, DocumentKind::AdministrativeAccount);
    assert_eq!(found.budget.name, "VILLE D'ESSAI");
    assert_eq!(found.budget.insee.as_deref(), Some("56134"));
    assert_eq!((found.year.get(), found.population), (2016, Some(990)));
    assert_eq!(found.chart.as_ref().unwrap().family, "M14");
    let accounts: Vec<&str> = found
        .executed
        .accounts
        .iter()
        .map(|account| account.account.as_str())
        .collect();
    assert_eq!(accounts, ["2111", "60611", "6419", "6811", "7311", "7391"]);
    let water = &found.executed.accounts[1];
    assert_eq!((water.debit, water.lines), (euros("15"), 2));
    assert_eq!(found.executed.result(), Some(euros("881")));
}

#[test]
fn a_table_has_a_document_for_each_year() {
    for text in [SCDL.to_owned(), SCDL.replace(',', ".").replace(';', ",")] {
        let found = documents(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        let results: Vec<_> = found
            .iter()
            .map(|found| (found.year.get(), found.executed.result()))
            .collect();
        assert_eq!(
            results,
            [(2023, Some(euros("986.25"))), (2024, Some(euros("7")))]
        );
        assert_eq!(found[0].budget.name, "Ville d'Essai");
        assert_eq!(found[0].executed.accounts[0].label.as_deref(), Some("Eau"));
        assert_eq!(found[0].executed.accounts[1].order_debit, euros("3"));
    }
}

#[test]
fn a_document_is_the_same_in_any_encoding() {
    let expected = document(CFU);
    let declared = |name: &str| CFU.replacen("UTF-8", name, 1);
    let latin = |text: &str| -> Vec<u8> {
        let byte = |letter: char| u8::try_from(u32::from(letter)).unwrap();
        text.chars().map(byte).collect()
    };
    let wide = |text: &str, big: bool| -> Vec<u8> {
        let bytes = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        text.encode_utf16().flat_map(bytes).collect()
    };
    let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
    let utf16 = declared("UTF-16");
    for bytes in [
        latin(&declared("ISO-8859-1")),
        latin(&declared("windows-1252")),
        latin(&declared("iso-8859-15")),
        // Saved as UTF-8 by an editor that left the declaration as it was.
        declared("ISO-8859-1").into_bytes(),
        declared("windows-1252").into_bytes(),
        marked(b"\xef\xbb\xbf", CFU.into()),
        // A mark goes before what is declared.
        marked(b"\xef\xbb\xbf", declared("ISO-8859-1").into()),
        marked(b"\xff\xfe", wide(&utf16, false)),
        marked(b"\xfe\xff", wide(&utf16, true)),
        wide(&utf16, false),
        wide(&utf16, true),
        utf16.clone().into_bytes(),
        CFU.replacen(" encoding=\"UTF-8\"", "", 1).into_bytes(),
        CFU.replace('\n', "\r\n").into_bytes(),
    ] {
        let found = documents(&bytes).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(found, std::slice::from_ref(&expected));
    }
    let table = documents(SCDL.as_bytes()).unwrap();
    assert_eq!(documents(&latin(SCDL)).unwrap(), table);
    assert_eq!(
        documents(&marked(b"\xff\xfe", wide(SCDL, false))).unwrap(),
        table
    );
}

fn all(inputs: &[Input]) -> Result<Vec<Document>, Error> {
    let mut found = Vec::new();
    read_inputs(inputs, &Limits::default(), &mut |_| {}, &mut |document| {
        found.push(document);
        Ok::<_, Error>(())
    })?;
    Ok(found)
}

#[test]
fn folders_and_archives_are_read_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("2023");
    fs::create_dir(&below).unwrap();
    fs::write(below.join("a.XML"), CFU).unwrap();
    fs::write(folder.path().join("lisezmoi.txt"), "rien").unwrap();
    fs::write(folder.path().join(".b.xml"), "rien").unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(TOTEM.as_bytes()).unwrap();
    fs::write(folder.path().join("t.xml.gz"), packed.finish().unwrap()).unwrap();
    let mut archive = ZipWriter::new(fs::File::create(folder.path().join("z.zip")).unwrap());
    let options = SimpleFileOptions::default();
    archive.add_directory("d/", options).unwrap();
    archive.start_file("d/scdl.csv", options).unwrap();
    archive.write_all(SCDL.as_bytes()).unwrap();
    archive
        .start_file("__MACOSX/d/._scdl.csv", options)
        .unwrap();
    archive.write_all(b"\0\0").unwrap();
    archive.finish().unwrap();
    let found = all(&[Input::Path(folder.path().to_owned())]);
    let found = found.unwrap_or_else(|error| panic!("{error}"));
    let years: Vec<u16> = found.iter().map(|found| found.year.get()).collect();
    assert_eq!(years, [2023, 2016, 2023, 2024]);
    assert!(
        found[2].file.ends_with("z.zip › d/scdl.csv"),
        "{}",
        found[2].file
    );
    let error = all(&[Input::Path(folder.path().join("no.xml"))]).unwrap_err();
    assert!(
        error.is_unreachable() && error.to_string().contains("no.xml"),
        "{error}"
    );
    fs::write(below.join("a.XML"), "<a>").unwrap();
    let error = all(&[Input::Path(folder.path().to_owned())]).unwrap_err();
    assert!(
        !error.is_unreachable() && error.to_string().contains("a.XML"),
        "{error}"
    );
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.zip");
    let mut archive = ZipWriter::new(fs::File::create(&path).unwrap());
    for name in ["a.xml", "b.xml"] {
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        let (head, foot) = TOTEM.split_once("</Budget>").unwrap();
        archive.write_all(head.as_bytes()).unwrap();
        archive.write_all(" ".repeat(600_000).as_bytes()).unwrap();
        archive.write_all(b"</Budget>").unwrap();
        archive.write_all(foot.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let read = |bytes, files| {
        let limits = Limits {
            bytes,
            files,
            ..Limits::default()
        };
        let mut taken = |_| Ok::<_, Error>(());
        let inputs = [Input::Path(path.clone())];
        let read = read_inputs(&inputs, &limits, &mut |_| {}, &mut taken);
        read.map_err(|error| error.to_string())
    };
    assert_eq!(read(2_000_000, 2), Ok(2));
    let message = read(1_000_000, 2).unwrap_err();
    assert!(
        message.contains("b.xml") && message.contains("larger"),
        "{message}"
    );
    let message = read(2_000_000, 1).unwrap_err();
    assert!(message.contains("more than 1 files"), "{message}");
}
