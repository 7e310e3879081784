//! What is made of the analyses: a model of each, and the tables that these read.

use std::fmt::Write;

use centime_analytics::{Analysis, Kind, Model};
use centime_render::Locale;

use super::object::{BODIES, Card, CardKind, ColumnKind, Field, Key, Named, Table};

fn column_kind(kind: Kind) -> ColumnKind {
    match kind {
        Kind::Amount => ColumnKind::Amount,
        Kind::Rate => ColumnKind::Rate,
        Kind::Year => ColumnKind::Year,
        Kind::Integer | Kind::Flag => ColumnKind::Number,
        Kind::Text | Kind::Status | Kind::List => ColumnKind::Text,
    }
}

/// The rows of an analysis, in euros, for everybody's own questions.
pub(super) fn model(analysis: &Analysis, words: &Locale) -> Card {
    let text = analysis.text(words.language());
    let mut select =
        String::from("SELECT\n    own.body_name AS body,\n    own.siren,\n    own.basis");
    let mut columns = vec![
        (
            "body".to_owned(),
            ColumnKind::Text,
            words.text("metabase.body").to_owned(),
        ),
        ("siren".to_owned(), ColumnKind::Text, "SIREN".to_owned()),
        (
            "basis".to_owned(),
            ColumnKind::Text,
            words.text("dashboard.basis").to_owned(),
        ),
    ];
    for column in analysis.model.columns {
        let name = column.name;
        select += ",\n    ";
        // Writing to a string cannot fail.
        let _ = match column.kind {
            Kind::Amount => write!(select, "own.{name}_eur AS {name}"),
            Kind::Rate => write!(select, "own.{name}_percent * 0.01 AS {name}"),
            Kind::List => write!(select, "array_to_string(own.{name}, E'\\n') AS {name}"),
            _ => write!(select, "own.{name}"),
        };
        let title = words.heading(column).to_owned();
        columns.push((name.to_string(), column_kind(column.kind), title));
    }
    Card {
        key: analysis.name(),
        kind: CardKind::Model,
        named: Named {
            name: words.fill("metabase.model", &[("title", &text.title)]),
            description: format!("{} {}", text.summary, text.formula),
        },
        display: "table".to_owned(),
        columns,
        sql: format!(
            "{select}\nFROM published.{}_by_basis AS own\nORDER BY own.body_name, own.basis, own.{}",
            analysis.model.name, analysis.model.order_by
        ),
        visualization: serde_json::Map::new(),
    }
}

/// The view of an analysis. Of amounts and rates readers see euros and percent; what these are kept in stays for those
/// who look.
pub(super) fn table(model: &Model, words: &Locale) -> Table {
    let mut fields = Vec::new();
    for column in model.columns {
        let title = words.heading(column).to_owned();
        let kind = column_kind(column.kind);
        if kind == ColumnKind::Amount {
            fields.push(Field {
                name: format!("{}_eur", column.name),
                title: title.clone(),
                kind: Some(kind),
                key: None,
            });
            fields.push(Field {
                name: column.name.to_string(),
                title: words.fill("metabase.centimes", &[("title", &title)]),
                kind: None,
                key: None,
            });
        } else if kind == ColumnKind::Rate {
            fields.push(Field {
                name: format!("{}_percent", column.name),
                title: words.fill("metabase.percent", &[("title", &title)]),
                kind: Some(ColumnKind::Number),
                key: None,
            });
            fields.push(Field {
                name: column.name.to_string(),
                title: words.fill("metabase.hundredths", &[("title", &title)]),
                kind: None,
                key: None,
            });
        } else {
            fields.push(Field {
                name: column.name.to_string(),
                title,
                kind: Some(kind),
                key: None,
            });
        }
    }
    fields.push(siren(Key::Body));
    Table {
        schema: BODIES.0,
        name: model.name,
        fields,
    }
}

fn siren(key: Key) -> Field {
    Field {
        name: BODIES.2.to_owned(),
        title: "SIREN".to_owned(),
        kind: Some(ColumnKind::Text),
        key: Some(key),
    }
}

/// The view of public bodies, as far as others lead to it.
pub(super) fn bodies(words: &Locale) -> Table {
    let name = Field {
        name: "body_name".to_owned(),
        title: words.text("metabase.body").to_owned(),
        kind: Some(ColumnKind::Text),
        key: None,
    };
    Table {
        schema: BODIES.0,
        name: BODIES.1,
        fields: vec![siren(Key::Own), name],
    }
}
