//! The analyses.
//!
//! Each analysis is a folder of its own under `analyses/`:
//!
//! | file | holds |
//! |---|---|
//! | `mod.rs` | its name, its columns, its chart and its key figure |
//! | `model.sql` | its definition, the same text for every engine and every reader; see [`template`] |
//! | `text.toml` | its title, method and caveats in each language |
//!
//! To add an analysis, add its folder and name it in [`ANALYSES`]. Nothing else has to know. What
//! several analyses compute in the same way is a model of its own, in [`bases`].
//!
//! Operators have analyses of their own in files, which [`own`] reads. Those of the program and theirs are one
//! [`Catalogue`], which everything that shows analyses goes through.

pub mod accounts;
pub mod aggregates;
pub mod analyses;
pub mod bases;
pub mod catalogue;
pub mod columns;
pub mod inhabitants;
pub mod own;
pub mod rows;
pub mod search;
pub mod selection;
pub mod statement;
pub mod template;
pub mod text;
pub mod views;
pub mod years;

pub use analyses::ANALYSES;
pub use catalogue::{Catalogue, Check};
pub use centime_accounts::Grouping;
pub use centime_warehouse::grouping::category_over;
pub use centime_warehouse::{
    Basis, Cell, Column, ColumnName, Follows, Form, Kind, Model, ModelSql, Table, Titles,
};
pub use inhabitants::Inhabitants;
pub use own::NotOurs;
pub use selection::Selection;
pub use text::{Language, Text};

/// One analysis.
#[derive(Debug)]
pub struct Analysis {
    /// What it computes.
    pub model: Model,
    /// How it is drawn.
    pub chart: Chart,
    /// The figure that stands for it on the home page.
    pub headline: Headline,
    /// What it says about itself, in each language.
    pub texts: text::Words,
}

/// How an analysis is drawn. Names are those of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chart {
    /// One bar a year. A year without a value is hatched up to its reference, if it has one.
    Bars {
        /// The column drawn.
        value: ColumnName,
        /// The published figure it is held against.
        reference: Option<ColumnName>,
    },
    /// Several bars a year, side by side.
    Grouped {
        /// The columns drawn.
        values: &'static [ColumnName],
    },
    /// The categories of a year, stacked into one bar.
    Stacked {
        /// The column that names the categories.
        category: ColumnName,
        /// The column drawn.
        value: ColumnName,
    },
    /// Not at all.
    None,
}

/// The figure that stands for an analysis. Names are those of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headline {
    /// The figure of the latest year.
    Latest {
        /// The column.
        value: ColumnName,
    },
    /// The figure of the latest year that has one; where no year has, that of another column in the latest
    /// year, with `headline_otherwise` for its words.
    LatestKnown {
        /// The column.
        value: ColumnName,
        /// The other column.
        otherwise: ColumnName,
    },
    /// The largest figure of the latest year, and what it belongs to.
    Largest {
        /// The column.
        value: ColumnName,
        /// The column that names it.
        category: ColumnName,
    },
    /// How many years have a given status.
    Count {
        /// The column.
        value: ColumnName,
        /// The text counted.
        equal: &'static str,
    },
    /// A part of a whole, added over all years.
    Share {
        /// The column of the part.
        part: ColumnName,
        /// The column of the whole.
        whole: ColumnName,
    },
    /// None does.
    None,
}

impl Analysis {
    /// The name in kebab case, as used on the command line and in addresses.
    pub fn name(&self) -> String {
        self.model.name.replace('_', "-")
    }

    /// What the analysis says about itself.
    pub fn text(&self, language: Language) -> &Text {
        self.texts.texts().of(language)
    }
}

/// The analysis of the program with this name in kebab case.
pub fn by_name(name: &str) -> Option<&'static Analysis> {
    Catalogue::built_in().by_name(name)
}

/// The models of all analyses of the program and of what they share, in the order in which they build on each other.
pub fn models() -> Vec<Model> {
    Catalogue::built_in().models()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The marts that a query reads, apart from the one it makes.
    fn read(model: &Model) -> Vec<&'static str> {
        let names = model.sql.text().split("mart.").skip(1).map(|rest| {
            let end = rest.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
            &rest[..end.unwrap_or(rest.len())]
        });
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    #[test]
    fn a_model_names_what_it_reads_and_comes_after_it() {
        let models = models();
        assert_eq!(models.len(), ANALYSES.len() + 2);
        for (place, model) in models.iter().enumerate() {
            let named: Vec<&str> = model.bases.iter().map(|base| base.name).collect();
            assert_eq!(read(model), named, "{}", model.name);
            let before: Vec<&str> = models[..place].iter().map(|model| model.name).collect();
            for base in named {
                assert!(before.contains(&base), "{base} before {}", model.name);
            }
        }
        let reconciliation = analyses::reconciliation::ANALYSIS.model.with_bases();
        let names: Vec<&str> = reconciliation.iter().map(|model| model.name).collect();
        assert_eq!(
            names,
            [
                "item_sum",
                "line_sum",
                "yearly_result",
                "witness",
                "reconciliation"
            ]
        );
    }

    #[test]
    fn a_model_reads_nothing_but_what_its_rows_are_said_to_follow_from() {
        for model in models() {
            let of_witnesses = model.form == Form::Analysis(Follows::Witnesses);
            let known: &[&str] = match model.form {
                Form::Sums => &["line", "line_item"],
                Form::View => &["line_item"],
                Form::Analysis(Follows::Witnesses) => &["witness"],
                Form::Analysis(Follows::Year | Follows::YearAndBefore) => &[
                    "balance_line",
                    "missing_line",
                    "published_result",
                    "series_break",
                    "year_break",
                ],
                Form::Analysis(Follows::Revision) => panic!("{} is of revisions", model.name),
            };
            let sql = model.sql.text();
            for rest in sql.split("core.").skip(1) {
                let end = rest.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
                let name = &rest[..end.unwrap_or(rest.len())];
                assert!(known.contains(&name), "{} reads core.{name}", model.name);
            }
            let follows = |base: &&Model| base.form == Form::Analysis(Follows::Witnesses);
            assert!(
                of_witnesses || !model.bases.iter().any(follows),
                "{}",
                model.name
            );
            // Rows of other years are read by windows over years only.
            let looks_back = sql.contains("ORDER BY fiscal_year");
            let is_said = model.form == Form::Analysis(Follows::YearAndBefore);
            assert_eq!(looks_back, is_said, "{}", model.name);
        }
    }
}
