//! What makes the table or the view of a model.

use crate::comment::{comment, comment_on};
use crate::engine::names::key;
use crate::model::{Form, Model};
use crate::table::Kind;

impl Model {
    /// What makes the table or the view, its index and its comments.
    pub(super) fn create(&self, postgres: bool) -> String {
        match (self.form, postgres) {
            (Form::View, false) => format!("CREATE VIEW {} AS {}", self.table(), self.sql),
            (Form::View, true) => {
                format!("CREATE VIEW {} AS {};", self.table(), self.sql)
                    + &self.comments("VIEW", &self.table())
            }
            (Form::Analysis(_) | Form::Sums, false) => self.create_on_sqlite(),
            (Form::Analysis(_) | Form::Sums, true) => self.create_on_postgres(),
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
        let (table, keys) = (self.kept_in(), self.keys().join(", "));
        let key = key(&table);
        let owner = match self.share() {
            Some(_) => "ops.slice",
            None => "ops.revision",
        };
        format!(
            "CREATE TABLE {table} (
                {key} BIGINT NOT NULL REFERENCES {owner} ON DELETE CASCADE,
                {});
             CREATE INDEX {table}_by_body ON {table} ({key}, {keys});
             {}",
            self.typed("TEXT"),
            self.create_view(false)
        )
    }

    fn create_on_postgres(&self) -> String {
        let (table, keys) = (self.kept_in(), self.keys().join(", "));
        let key = key(&table);
        let name = table.rsplit('.').next().unwrap_or(self.name);
        let mut columns = self.typed("TEXT COLLATE \"C\"");
        for column in self.in_euros() {
            let euros = format!(
                ", {column}_eur NUMERIC(18, 2) GENERATED ALWAYS AS ({column} * 0.01) STORED"
            );
            columns.push_str(&euros);
        }
        let create = format!(
            "CREATE TABLE {table} ({key} BIGINT NOT NULL, {columns}) PARTITION BY LIST ({key});
             CREATE INDEX {name}_by_body ON {table} ({keys});"
        );
        let (of_view, to_read) = match self.share() {
            Some(_) => (self.comments("VIEW", &self.table()), self.create_view(true)),
            None => (String::new(), String::new()),
        };
        create + &self.comments("TABLE", &table) + &to_read + &of_view
    }

    /// What shows rows that are kept in slices, by the revisions that name these.
    fn create_view(&self, postgres: bool) -> String {
        if self.share().is_none() {
            return String::new();
        }
        let keys = self.keys().iter().map(|key| (*key).to_owned());
        let columns = self.columns.iter().map(|column| column.name.to_string());
        let in_euros = self.in_euros().filter(|_| postgres);
        let all = keys.chain(columns);
        let all = all.chain(in_euros.map(|column| format!("{column}_eur")));
        let all: Vec<String> = all.map(|column| format!("own.{column}")).collect();
        format!(
            "CREATE VIEW {} AS SELECT named.revision_id, {}
             FROM core.revision_slice AS named
             JOIN {} AS own ON own.slice_id = named.slice_id;",
            self.table(),
            all.join(", "),
            self.kept_in()
        )
    }

    /// The amounts that PostgreSQL keeps in euros too.
    fn in_euros(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter();
        let kept = self.is_analysis();
        let amounts = columns.filter(move |column| kept && column.kind == Kind::Amount);
        amounts.map(|column| column.name.as_str())
    }

    fn comments(&self, object: &str, name: &str) -> String {
        let mut sql = comment_on(&format!("{object} {name}"), self.about);
        sql += &match key(name) {
            "slice_id" => comment(name, "slice_id", "The slice."),
            _ => comment(name, "revision_id", "The revision."),
        };
        for key in self.keys() {
            let meaning = match *key {
                "basis" => "leaf: each euro once; naive: what a plain script adds.",
                _ => "The SIREN number of the public body.",
            };
            sql += &comment(name, key, meaning);
        }
        for column in self.columns {
            sql += &comment(name, &column.name, &column.explained());
        }
        for column in self.in_euros() {
            sql += &comment(name, &format!("{column}_eur"), "The same amount in euros.");
        }
        sql
    }
}
