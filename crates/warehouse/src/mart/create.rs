//! What makes the table or the view of a model.

use crate::comment::{comment, comment_on};
use crate::model::{Form, Model};
use crate::table::Kind;

impl Model {
    /// What makes the table or the view, its index and its comments.
    pub(super) fn create(&self, postgres: bool) -> String {
        match (self.form, postgres) {
            (Form::View, false) => format!("CREATE VIEW {} AS {}", self.table(), self.sql),
            (Form::View, true) => {
                format!("CREATE VIEW {} AS {};", self.table(), self.sql) + &self.comments("VIEW")
            }
            (Form::Analysis | Form::Sums, false) => self.create_on_sqlite(),
            (Form::Analysis | Form::Sums, true) => self.create_on_postgres(),
        }
    }

    /// The keys and the columns with their types.
    fn typed(&self, text: &str) -> String {
        let keys = self.keys().iter();
        let keys = keys.map(|key| format!("{key} {text} NOT NULL"));
        let columns = self.columns.iter().map(|column| {
            let kind = match column.kind {
                Kind::Text | Kind::Status | Kind::List => text,
                _ => "BIGINT",
            };
            format!("{} {kind}", column.name)
        });
        keys.chain(columns).collect::<Vec<_>>().join(", ")
    }

    fn create_on_sqlite(&self) -> String {
        let table = self.table();
        let keys = self.keys().join(", ");
        format!(
            "CREATE TABLE {table} (
                revision_id BIGINT NOT NULL REFERENCES ops.revision ON DELETE CASCADE,
                {});
             CREATE INDEX {table}_by_body ON {table} (revision_id, {keys});",
            self.typed("TEXT")
        )
    }

    fn create_on_postgres(&self) -> String {
        let (table, name) = (self.table(), self.name);
        let mut columns = self.typed("TEXT COLLATE \"C\"");
        for column in self.in_euros() {
            let euros = format!(
                ", {column}_eur NUMERIC(18, 2) GENERATED ALWAYS AS ({column} * 0.01) STORED"
            );
            columns.push_str(&euros);
        }
        let keys = self.keys().join(", ");
        let create = format!(
            "CREATE TABLE {table} (revision_id BIGINT NOT NULL, {columns})
                 PARTITION BY LIST (revision_id);
             CREATE INDEX {name}_by_body ON {table} ({keys});"
        );
        create + &self.comments("TABLE")
    }

    /// The amounts that PostgreSQL keeps in euros too.
    fn in_euros(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter();
        let kept = self.form == Form::Analysis;
        let amounts = columns.filter(move |column| kept && column.kind == Kind::Amount);
        amounts.map(|column| column.name.as_str())
    }

    fn comments(&self, object: &str) -> String {
        let table = self.table();
        let mut sql = comment_on(&format!("{object} {table}"), self.about);
        sql += &comment(&table, "revision_id", "The revision.");
        for key in self.keys() {
            let meaning = match *key {
                "basis" => "leaf: each euro once; naive: what a plain script adds.",
                _ => "The SIREN number of the public body.",
            };
            sql += &comment(&table, key, meaning);
        }
        for column in self.columns {
            sql += &comment(&table, &column.name, &column.explained());
        }
        for name in self.in_euros() {
            sql += &comment(&table, &format!("{name}_eur"), "The same amount in euros.");
        }
        sql
    }
}
