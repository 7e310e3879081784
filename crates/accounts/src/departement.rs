//! Départements: their names by code, and the numbers that the DGFiP gives them.
//!
//! Names are those of the INSEE, *Code officiel géographique*, as the OFGL publishes them, so that a département is the
//! same whichever source says it.

/// Each département by its INSEE code, in the order of the codes.
const DEPARTEMENTS: [(&str, &str); 101] = [
    ("01", "Ain"),
    ("02", "Aisne"),
    ("03", "Allier"),
    ("04", "Alpes-de-Haute-Provence"),
    ("05", "Hautes-Alpes"),
    ("06", "Alpes-Maritimes"),
    ("07", "Ardèche"),
    ("08", "Ardennes"),
    ("09", "Ariège"),
    ("10", "Aube"),
    ("11", "Aude"),
    ("12", "Aveyron"),
    ("13", "Bouches-du-Rhône"),
    ("14", "Calvados"),
    ("15", "Cantal"),
    ("16", "Charente"),
    ("17", "Charente-Maritime"),
    ("18", "Cher"),
    ("19", "Corrèze"),
    ("21", "Côte-d'Or"),
    ("22", "Côtes-d'Armor"),
    ("23", "Creuse"),
    ("24", "Dordogne"),
    ("25", "Doubs"),
    ("26", "Drôme"),
    ("27", "Eure"),
    ("28", "Eure-et-Loir"),
    ("29", "Finistère"),
    ("2A", "Corse-du-Sud"),
    ("2B", "Haute-Corse"),
    ("30", "Gard"),
    ("31", "Haute-Garonne"),
    ("32", "Gers"),
    ("33", "Gironde"),
    ("34", "Hérault"),
    ("35", "Ille-et-Vilaine"),
    ("36", "Indre"),
    ("37", "Indre-et-Loire"),
    ("38", "Isère"),
    ("39", "Jura"),
    ("40", "Landes"),
    ("41", "Loir-et-Cher"),
    ("42", "Loire"),
    ("43", "Haute-Loire"),
    ("44", "Loire-Atlantique"),
    ("45", "Loiret"),
    ("46", "Lot"),
    ("47", "Lot-et-Garonne"),
    ("48", "Lozère"),
    ("49", "Maine-et-Loire"),
    ("50", "Manche"),
    ("51", "Marne"),
    ("52", "Haute-Marne"),
    ("53", "Mayenne"),
    ("54", "Meurthe-et-Moselle"),
    ("55", "Meuse"),
    ("56", "Morbihan"),
    ("57", "Moselle"),
    ("58", "Nièvre"),
    ("59", "Nord"),
    ("60", "Oise"),
    ("61", "Orne"),
    ("62", "Pas-de-Calais"),
    ("63", "Puy-de-Dôme"),
    ("64", "Pyrénées-Atlantiques"),
    ("65", "Hautes-Pyrénées"),
    ("66", "Pyrénées-Orientales"),
    ("67", "Bas-Rhin"),
    ("68", "Haut-Rhin"),
    ("69", "Rhône"),
    ("70", "Haute-Saône"),
    ("71", "Saône-et-Loire"),
    ("72", "Sarthe"),
    ("73", "Savoie"),
    ("74", "Haute-Savoie"),
    ("75", "Paris"),
    ("76", "Seine-Maritime"),
    ("77", "Seine-et-Marne"),
    ("78", "Yvelines"),
    ("79", "Deux-Sèvres"),
    ("80", "Somme"),
    ("81", "Tarn"),
    ("82", "Tarn-et-Garonne"),
    ("83", "Var"),
    ("84", "Vaucluse"),
    ("85", "Vendée"),
    ("86", "Vienne"),
    ("87", "Haute-Vienne"),
    ("88", "Vosges"),
    ("89", "Yonne"),
    ("90", "Territoire de Belfort"),
    ("91", "Essonne"),
    ("92", "Hauts-de-Seine"),
    ("93", "Seine-Saint-Denis"),
    ("94", "Val-de-Marne"),
    ("95", "Val-d'Oise"),
    ("971", "Guadeloupe"),
    ("972", "Martinique"),
    ("973", "Guyane"),
    ("974", "La Réunion"),
    ("976", "Mayotte"),
];

/// The name of a département by its INSEE code: `38`, `2A`, `974`.
pub fn name(code: &str) -> Option<&'static str> {
    let place = DEPARTEMENTS.binary_search_by_key(&code, |(known, _)| known);
    place.ok().map(|place| DEPARTEMENTS[place].1)
}

/// The INSEE code of the département of a commune, by the INSEE code of the commune; `None` where it is none.
pub fn of_commune(insee: &str) -> Option<&str> {
    let digits = if insee.starts_with("97") { 3 } else { 2 };
    let code = insee.get(..digits).filter(|_| insee.len() == 5)?;
    name(code).map(|_| code)
}

/// The INSEE code of a département by the number that the DGFiP gives it in `ndept`, as a text or a number: `038`, `38`,
/// `02A`, `101`. Overseas it counts from 101 on: 101 is Guadeloupe, 104 La Réunion and 106 Mayotte. 102 and 103 are
/// Guyane and Martinique in an order that no source at hand proves, so they say nothing by themselves.
pub fn of_dgfip(number: &str) -> Option<&'static str> {
    let number = number.trim();
    let number = number.strip_suffix(".0").unwrap_or(number);
    let short = number.trim_start_matches('0');
    let code = match short {
        "101" => "971",
        "104" => "974",
        "106" => "976",
        _ => short,
    };
    let is_it = |known: &str| known.trim_start_matches('0').eq_ignore_ascii_case(code);
    let found = DEPARTEMENTS.iter().find(|(known, _)| is_it(known));
    found.map(|(known, _)| *known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_so_that_each_is_found() {
        assert!(DEPARTEMENTS.is_sorted_by_key(|(code, _)| code));
        for (code, known) in DEPARTEMENTS {
            assert_eq!(name(code), Some(known));
        }
        assert_eq!(name("20"), None);
        assert_eq!(name("038"), None);
    }

    #[test]
    fn a_departement_is_known_by_its_number_however_it_is_published() {
        for (number, code) in [
            ("038", "38"),
            ("38", "38"),
            ("38.0", "38"),
            ("1", "01"),
            ("001", "01"),
            ("02A", "2A"),
            ("2b", "2B"),
            ("101", "971"),
            ("104", "974"),
            ("106", "976"),
            ("972", "972"),
        ] {
            assert_eq!(of_dgfip(number), Some(code), "{number}");
        }
        for number in ["102", "103", "020", "105", "", "000", "987"] {
            assert_eq!(of_dgfip(number), None, "{number}");
        }
    }

    #[test]
    fn a_commune_says_its_departement() {
        for (commune, code) in [
            ("38185", Some("38")),
            ("2A004", Some("2A")),
            ("97209", Some("972")),
            ("97302", Some("973")),
            ("98818", None),
            ("3818", None),
        ] {
            assert_eq!(of_commune(commune), code, "{commune}");
        }
    }
}
