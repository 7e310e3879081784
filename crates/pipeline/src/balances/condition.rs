//! Which records are asked for, as conditions in ODSQL. They are built from the fields that a dataset has: a portal
//! refuses a condition on a column that it does not know, or on a value of another type.

use std::ops::RangeInclusive;

use centime_documents::balances::Column;
use centime_portal::{FieldType, odsql_name, odsql_text};

use super::columns::BalanceFields;

/// A body that was found, by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A body with all its budgets: its SIREN number.
    Body(String),
    /// One budget: its SIRET number.
    Budget(String),
}

/// All of several conditions.
pub fn all(conditions: impl IntoIterator<Item = String>) -> Option<String> {
    let conditions: Vec<String> = conditions.into_iter().collect();
    match conditions.len() {
        0 | 1 => conditions.into_iter().next(),
        _ => {
            let each = conditions.iter().map(|one| format!("({one})"));
            Some(each.collect::<Vec<_>>().join(" and "))
        }
    }
}

/// Any of several conditions.
fn any(conditions: impl IntoIterator<Item = String>) -> Option<String> {
    let conditions: Vec<String> = conditions.into_iter().collect();
    (!conditions.is_empty()).then(|| conditions.join(" or "))
}

/// That a column has one of these values, each as the type of the column writes it. A number has no leading zeros.
pub fn one_of(fields: &BalanceFields, column: Column, values: &[&str]) -> Option<String> {
    let name = odsql_name(fields.name(column)?)?;
    let mut written: Vec<String> = Vec::new();
    let forms: Vec<String> = match fields.kind(column)? {
        FieldType::Int | FieldType::Double => {
            let numbers = values.iter().filter_map(|value| value.parse::<u64>().ok());
            numbers.map(|number| number.to_string()).collect()
        }
        _ => values.iter().map(|value| odsql_text(value)).collect(),
    };
    for form in forms {
        if !written.contains(&form) {
            written.push(form);
        }
    }
    match &written[..] {
        [] => None,
        [one] => Some(format!("{name} = {one}")),
        several => Some(format!("{name} in ({})", several.join(", "))),
    }
}

/// The records of these bodies; `None` where the dataset cannot tell them.
pub fn of_bodies(fields: &BalanceFields, bodies: &[Found]) -> Option<String> {
    any(bodies.iter().filter_map(|body| match body {
        Found::Body(siren) if fields.name(Column::Siren).is_some() => {
            one_of(fields, Column::Siren, &[siren])
        }
        Found::Body(siren) => {
            let name = odsql_name(fields.name(Column::Siret)?)?;
            Some(format!("startswith({name}, {})", odsql_text(siren)))
        }
        Found::Budget(siret) => one_of(fields, Column::Siret, &[siret]),
    }))
}

/// What was chosen, by the names of today, for people.
pub fn of_bodies_and_where<'a>(
    bodies: impl Iterator<Item = &'a Found>,
    filter: Option<&str>,
) -> Option<String> {
    let bodies = bodies.map(|body| match body {
        Found::Body(siren) => format!("siren = {}", odsql_text(siren)),
        Found::Budget(siret) => format!("ident = {}", odsql_text(siret)),
    });
    all(any(bodies).into_iter().chain(filter.map(str::to_owned)))
}

/// The records of these years, in a dataset of all years.
pub fn of_years(fields: &BalanceFields, years: &RangeInclusive<u16>) -> Option<String> {
    let name = odsql_name(fields.name(Column::Year)?)?;
    let (first, last) = (years.start(), years.end());
    Some(match fields.kind(Column::Year)? {
        FieldType::Date | FieldType::DateTime => {
            format!("year({name}) >= {first} and year({name}) <= {last}")
        }
        FieldType::Int | FieldType::Double => format!("{name} >= {first} and {name} <= {last}"),
        _ => {
            let years: Vec<String> = years.clone().map(|year| year.to_string()).collect();
            let years: Vec<&str> = years.iter().map(String::as_str).collect();
            return one_of(fields, Column::Year, &years);
        }
    })
}

/// The final balances, where a dataset says which are. Those of years before it did are final.
pub fn final_ones(fields: &BalanceFields) -> Option<String> {
    let name = odsql_name(fields.name(Column::Standing)?)?;
    Some(format!("{name} is null or {name} = \"DEF\""))
}

#[cfg(test)]
mod tests {
    use centime_portal::Dataset;
    use serde_json::json;

    use super::*;

    fn fields(special: &[(&str, &str)]) -> BalanceFields {
        let usual = [
            ("exer", "date"),
            ("ident", "text"),
            ("compte", "text"),
            ("bedeb", "double"),
            ("becre", "double"),
            ("obnetdeb", "double"),
            ("obnetcre", "double"),
            ("onbdeb", "double"),
            ("onbcre", "double"),
            ("sd", "double"),
            ("sc", "double"),
        ];
        let kept = usual
            .iter()
            .filter(|(name, _)| special.iter().all(|(other, _)| other != name));
        let fields: Vec<_> = kept
            .chain(special)
            .map(|(name, kind)| json!({"name": name, "type": kind}))
            .collect();
        let dataset = json!({"dataset_id": "x", "fields": fields});
        let dataset: Dataset = serde_json::from_value(dataset).unwrap();
        BalanceFields::of(&dataset).unwrap()
    }

    #[test]
    fn conditions_name_only_columns_that_there_are_by_their_types() {
        let body = [Found::Body("213801855".to_owned())];
        let old = fields(&[("insee", "int")]);
        assert_eq!(
            of_bodies(&old, &body).unwrap(),
            "startswith(ident, \"213801855\")"
        );
        assert_eq!(final_ones(&old), None);
        assert_eq!(
            one_of(&old, Column::Insee, &["038", "38185"]).unwrap(),
            "insee in (38, 38185)"
        );
        let new = fields(&[
            ("siren", "text"),
            ("bal", "text"),
            ("exer", "int"),
            ("insee", "text"),
        ]);
        assert_eq!(of_bodies(&new, &body).unwrap(), "siren = \"213801855\"");
        assert_eq!(final_ones(&new).unwrap(), "bal is null or bal = \"DEF\"");
        assert_eq!(
            of_years(&new, &(2020..=2021)).unwrap(),
            "exer >= 2020 and exer <= 2021"
        );
        assert_eq!(
            of_years(&old, &(2020..=2021)).unwrap(),
            "year(exer) >= 2020 and year(exer) <= 2021"
        );
        let text = fields(&[("exer", "text")]);
        assert_eq!(
            of_years(&text, &(2020..=2021)).unwrap(),
            "exer in (\"2020\", \"2021\")"
        );
        assert_eq!(
            one_of(&new, Column::Insee, &["038"]).unwrap(),
            "insee = \"038\""
        );
        assert_eq!(
            all(["a".to_owned(), "b or c".to_owned()]).unwrap(),
            "(a) and (b or c)"
        );
    }
}
