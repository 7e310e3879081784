//! A statement served for many public bodies, made as it is sent: no number of bodies takes memory.
//!
//! The first body is that of the statement itself. Each other one has all its amounts multiplied by a
//! number of its own, so that subtotals stay the sums of their parts, to the centime.

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::encode::Ending;
use crate::row::Row;

/// The City of Paris, whose statement the sample's is like.
const FIRST: (&str, &str) = ("217500016", "Ville de Paris");

/// The number that the SIREN numbers of the other bodies count from.
const OTHERS: u32 = 218_000_000;

/// How many different factors there are.
const FACTORS: u32 = 19;

/// A statement of many bodies: the bodies one after the other, their years from the first.
#[derive(Clone, Debug)]
pub(crate) struct ManyBodies {
    count: u32,
    rows: Vec<Line>,
}

/// A record without its body, with its amount set apart.
#[derive(Clone, Debug)]
struct Line {
    before: String,
    amount: Amount,
    after: String,
}

#[derive(Clone, Debug)]
enum Amount {
    /// In centimes.
    Known(i64),
    /// What stands in its place, as it is.
    Other(String),
}

impl ManyBodies {
    /// The statements of `count` bodies, each like these rows. `amount` names the field with the amount.
    pub(crate) fn new(rows: &[Row], count: u32, amount: &str) -> Self {
        Self {
            count,
            rows: rows.iter().map(|row| Line::new(row, amount)).collect(),
        }
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() * self.count as usize
    }

    /// A record as JSON.
    pub(crate) fn record(&self, index: usize) -> Vec<u8> {
        let body = u32::try_from(index / self.rows.len()).unwrap_or(u32::MAX);
        let mut out = Vec::new();
        self.rows[index % self.rows.len()].write(body, &mut out);
        out
    }

    /// All records as JSON Lines, a body at a time.
    pub(crate) fn export(&self, ending: Ending) -> Body {
        let many = self.clone();
        let whole = ending == Ending::Whole;
        let kept = if whole { self.count } else { self.count / 2 };
        let pieces = (0..kept).map(move |body| {
            let mut piece = Vec::new();
            for line in &many.rows {
                line.write(body, &mut piece);
                piece.push(b'\n');
            }
            if !whole && body + 1 == kept {
                piece.truncate(piece.len() - 20);
            }
            Ok::<_, std::io::Error>(Bytes::from(piece))
        });
        Body::from_stream(stream::iter(pieces))
    }
}

impl Line {
    fn new(row: &Row, amount: &str) -> Self {
        let mut line = Self {
            before: String::new(),
            amount: Amount::Other("null".to_owned()),
            after: String::new(),
        };
        let mut seen = false;
        for (name, value) in &row.0 {
            let text = if seen {
                &mut line.after
            } else {
                &mut line.before
            };
            text.push_str(", ");
            text.push_str(&Value::from(name.as_str()).to_string());
            text.push_str(": ");
            if name == amount {
                line.amount = Amount::new(value);
                seen = true;
            } else {
                text.push_str(value.get());
            }
        }
        line
    }

    fn write(&self, body: u32, out: &mut Vec<u8>) {
        let (siren, name) = if body == 0 {
            (FIRST.0.to_owned(), FIRST.1.to_owned())
        } else {
            (
                (OTHERS + body).to_string(),
                format!("Commune d’exemple {body}"),
            )
        };
        out.extend_from_slice(b"{\"siren\": \"");
        out.extend_from_slice(siren.as_bytes());
        out.extend_from_slice(b"\", \"lbudg\": \"");
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
        out.extend_from_slice(self.before.as_bytes());
        match &self.amount {
            Amount::Known(centimes) => {
                let centimes = centimes * i64::from(1 + body % FACTORS);
                let sign = if centimes < 0 { "-" } else { "" };
                let (euros, rest) = (centimes.unsigned_abs() / 100, centimes.unsigned_abs() % 100);
                out.extend_from_slice(format!("{sign}{euros}.{rest:02}").as_bytes());
            }
            Amount::Other(text) => out.extend_from_slice(text.as_bytes()),
        }
        out.extend_from_slice(self.after.as_bytes());
        out.push(b'}');
    }
}

impl Amount {
    fn new(value: &RawValue) -> Self {
        let text = value.get();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (euros, cents) = digits.split_once('.').unwrap_or((digits, ""));
        let padded = format!("{cents:0<2}");
        match (euros.parse::<i64>(), padded.parse::<i64>()) {
            (Ok(euros), Ok(cents)) if padded.len() == 2 => {
                Self::Known(sign * (euros * 100 + cents))
            }
            _ => Self::Other(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SimDataset;

    fn many() -> SimDataset {
        let records = [
            r#"{"year": "2020", "amount": -12.5, "label": "é"}"#,
            r#"{"year": "2019", "amount": null, "label": "x"}"#,
        ];
        let columns = [("year", "date"), ("amount", "double"), ("label", "text")];
        let dataset = SimDataset::new("x", &columns, records).unwrap();
        dataset.with_many_bodies(3, "year", "amount")
    }

    #[test]
    fn the_first_body_is_the_statement_and_the_others_are_multiples() {
        let dataset = many();
        let many = dataset.many.unwrap();
        let text = |index| String::from_utf8(many.record(index)).unwrap();
        assert_eq!(
            text(1),
            r#"{"siren": "217500016", "lbudg": "Ville de Paris", "year": "2020", "amount": -12.50, "label": "é"}"#
        );
        assert!(text(4).contains(r#""siren": "218000002""#), "{}", text(4));
        assert!(text(4).contains(r#""amount": null"#), "{}", text(4));
        assert!(text(5).contains(r#""amount": -37.50"#), "{}", text(5));
        assert_eq!(dataset.description["metas"]["default"]["records_count"], 6);
        assert_eq!(dataset.description["fields"][0]["name"], "siren");
    }

    #[tokio::test]
    async fn an_export_is_its_records() {
        let many = many().many.unwrap();
        let body = axum::body::to_bytes(many.export(Ending::Whole), usize::MAX);
        let text = String::from_utf8(body.await.unwrap().to_vec()).unwrap();
        let records: Vec<String> = (0..many.len())
            .map(|index| String::from_utf8(many.record(index)).unwrap())
            .collect();
        assert_eq!(text.lines().collect::<Vec<_>>(), records);
    }
}
