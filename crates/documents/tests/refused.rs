//! What is no account of a year is refused, with the place and what to do.

use std::io::{self, Read};

use centime_documents::{Limits, read};

use crate::documents::{CFU, SCDL, TOTEM, refusal};

#[test]
fn what_is_no_document_is_said_to_be_what_it_is() {
    for (bytes, words) in [
        (&b"%PDF-1.4 \x00"[..], "a PDF file"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"<?xml version=\"1.0\"?><html xmlns=\"x\"/>", "a web page"),
        (b"", "an empty file"),
        (b"{}", "JSON"),
        (b"\x00\x01\x02", "no text"),
        (b"a,b\n1,2\n", "BGT_NATDEC"),
        (b"<PES_Aller/>", "«PES_Aller»"),
        (b"<a", "ends within"),
        (b"PK\x03\x04", "archive within an archive"),
    ] {
        let message = refusal(bytes);
        assert!(
            message.starts_with("made") && message.contains(words),
            "{message}"
        );
    }
}

#[test]
fn a_budget_is_not_an_account() {
    for (code, words) in [
        (
            "01",
            "a budget primitif (NatDec 01): a voted budget is not an account",
        ),
        ("02", "décision modificative"),
        ("03", "budget supplémentaire"),
        ("1", "budget primitif"),
        ("04", "«04» is not a kind"),
        ("BP", "«BP» is not a kind"),
    ] {
        let message = refusal(
            TOTEM
                .replace("NatDec V=\"09\"", &format!("NatDec V=\"{code}\""))
                .as_bytes(),
        );
        assert!(
            message.contains("line 7: ") && message.contains(words),
            "{message}"
        );
    }
    let message = refusal(
        TOTEM
            .replace("ProjetBudget V=\"false\"", "ProjetBudget V=\"true\"")
            .as_bytes(),
    );
    assert!(message.contains("project"), "{message}");
    let message = refusal(
        SCDL.replace("Compte administratif;2024", "Budget primitif;2024")
            .as_bytes(),
    );
    assert!(
        message.contains("line 6: ") && message.contains("«Budget primitif»"),
        "{message}"
    );
}

#[test]
fn half_valid_documents_are_refused_with_the_place() {
    let changed = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        refusal(text.replacen(from, to, 1).as_bytes())
    };
    let second = "</Budget><Budget><EnTeteBudget/></Budget>";
    for (message, words) in [
        (
            changed(TOTEM, "</Budget>", second),
            "line 19: it names two budgets",
        ),
        (
            changed(
                TOTEM,
                "IdEtab V=\"21560134500014\"",
                "IdEtab V=\"21560134500015\"",
            ),
            "check digit",
        ),
        (
            changed(
                TOTEM,
                "IdEtab V=\"21560134500014\"",
                "IdEtab V=\"215601345\"",
            ),
            "SIREN number",
        ),
        (
            changed(TOTEM, "<IdEtab V=\"21560134500014\"/>", ""),
            "SIRET number of the budget",
        ),
        (
            changed(TOTEM, "M14-M14_COM_SUP3500", "M99-M99_A"),
            "line 6: the nomenclature «M99-M99_A»",
        ),
        (
            changed(TOTEM, "MtReal V=\"5.00\"", "MtReal V=\"cinq\""),
            "line 10: MtReal: «cinq»",
        ),
        (
            changed(
                TOTEM,
                "<Nature V=\"2111\"/><CodRD V=\"D\"/>",
                "<Nature V=\"2111\"/>",
            ),
            "line 15: CodRD",
        ),
        (
            changed(
                TOTEM,
                "MtReal V=\"5.00\"/>",
                "MtReal V=\"5.00\"/><MtReal V=\"6.00\"/>",
            ),
            "MtReal: one line has several",
        ),
        (changed(TOTEM, "<NatDec V=\"09\"/>", ""), "no NatDec"),
        (changed(TOTEM, "</LigneBudget>", ""), "XML"),
        (
            changed(CFU, "Exercice V=\"2023\"", "Exercice V=\"23\""),
            "line 5: Exercice: «23»",
        ),
        (
            changed(
                CFU,
                "</BudgetComptable>",
                "</BudgetComptable><BudgetComptable SIRET=\"21930048000015\"/>",
            ),
            "two budgets: «21560134500014» and «21930048000015»",
        ),
        (changed(CFU, "<Etat V=\"BI_P\"/>", ""), "no Etat"),
        (
            changed(SCDL, "BGT_MTREAL", "BGT_REEL"),
            "line 1: there is no column BGT_MTREAL",
        ),
        (
            changed(SCDL, ";2000\n", ";2000;7\n"),
            "line 5: row: the row has 10 values and the header has 9",
        ),
        (
            changed(SCDL, "2024;21560134500014", "2024;21930048000015"),
            "line 6: it names two budgets",
        ),
        (changed(SCDL, ";2000\n", ";2.000\n"), "line 5: BGT_MTREAL"),
    ] {
        assert!(message.contains(words), "{words}: {message}");
    }
}

#[test]
fn a_cut_document_is_said_to_be_cut() {
    for text in [CFU, TOTEM] {
        let body = text
            .find("Collectivite")
            .or_else(|| text.find("EnTeteDoc"))
            .unwrap();
        for end in (body..text.trim_end().len() - 1).step_by(7) {
            let end = (end..text.len())
                .find(|end| text.is_char_boundary(*end))
                .unwrap();
            let message = refusal(&text.as_bytes()[..end]);
            assert!(
                message.contains("cut") || message.contains("XML"),
                "{end}: {message}"
            );
        }
    }
}

#[test]
fn entities_of_a_document_are_not_expanded() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY x \"y\"><!ENTITY z \"&x;&x;\">]>\n<a>&z;</a>";
    let message = refusal(bomb.as_bytes());
    assert!(
        message.contains("line 2: ") || message.contains("line 1: "),
        "{message}"
    );
    assert!(message.contains("DOCTYPE"), "{message}");
    for text in [
        TOTEM.replacen("VILLE", "&secret;", 1),
        TOTEM.replacen("<Budget>", "<Budget>&secret;", 1),
    ] {
        let message = refusal(text.as_bytes());
        assert!(message.contains("«&secret;»"), "{message}");
    }
    let message = refusal(CFU.replacen("UTF-8", "EBCDIC-99", 1).as_bytes());
    assert!(message.contains("the encoding «EBCDIC-99»"), "{message}");
    let mut wrong = CFU.as_bytes().to_vec();
    let at = CFU.find("CRÉANCES").unwrap();
    wrong[at + 2] = 0xff;
    let message = refusal(&wrong);
    assert!(
        message.contains("line 10: the bytes are not UTF-8"),
        "{message}"
    );
}

#[test]
fn everything_has_a_limit() {
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    let refused = |text: &str, limits: &Limits| {
        read(text.as_bytes(), "made", limits)
            .unwrap_err()
            .to_string()
    };
    for text in [CFU, TOTEM, SCDL] {
        let message = refused(text, &limits(|limits| limits.bytes = 300));
        assert!(message.contains("more than 300 bytes"), "{message}");
        let message = refused(text, &limits(|limits| limits.lines = 2));
        assert!(message.contains("more than 2 lines"), "{message}");
        let message = refused(text, &limits(|limits| limits.accounts = 1));
        assert!(message.contains("more than 1 "), "{message}");
    }
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let deep = TOTEM.replacen("</Budget>", &format!("{deep}</Budget>"), 1);
    assert!(refusal(deep.as_bytes()).contains("64 elements within each other"));
    let long = TOTEM.replacen("VILLE", &"V".repeat(100_000), 1);
    assert!(refusal(long.as_bytes()).contains("64 KiB in one attribute"));
    let row = SCDL.replacen(";Eau;", &format!(";\"{};", "E".repeat(2 << 20)), 1);
    assert!(refusal(row.as_bytes()).contains("1 MiB in one piece"));
}

/// A reader that fails after some bytes, as a broken disk does.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::other("the disk is gone")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_on_is_unreachable() {
    let long = TOTEM.replacen("<Budget>", &format!("<Budget>{}", " ".repeat(10_000)), 1);
    for bytes in [&TOTEM.as_bytes()[..50], &long.as_bytes()[..9_000]] {
        let error = read(Broken(bytes), "made", &Limits::default()).unwrap_err();
        assert!(error.is_unreachable(), "{error}");
        assert!(error.to_string().contains("the disk is gone"), "{error}");
    }
}
