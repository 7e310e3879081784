//! Values of records that are invalid, reported together at the end.

use std::fmt;

/// How many invalid values are reported one by one; the others are counted.
const MAX_REPORTED: usize = 20;

/// A value of a record that cannot be what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// The dataset.
    pub dataset: String,
    /// The number of the record, from 1, in the order received.
    pub record: i64,
    /// The portal's name of the field.
    pub field: String,
    /// What is wrong.
    pub reason: String,
    /// What can be set for it.
    pub hint: Option<Hint>,
}

/// Something that can be set for a value that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// How amounts are written.
    Decimal,
    /// How fiscal years are written.
    YearFormat,
    /// In which time zone days are meant.
    TimeZone,
    /// Which budget a balance sheet is of.
    Budget,
    /// That amounts have the noise of binary fractions.
    Rounding,
}

impl Hint {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Decimal => {
                "amounts are expected with a decimal point and nothing else, as in 1234.56: where the portal writes \
                 1 234,56 or 12 €, set decimal = \",\" under [datasets.income_statement] or [datasets.balance_sheet] \
                 in centime.toml"
            }
            Self::YearFormat => {
                "fiscal years are expected as in 2023, 2023-12-31, 31/12/2023 or Exercice 2023: where the portal \
                 writes another form, set fiscal_year = { format = \"…\" } under [datasets.income_statement] or \
                 [datasets.balance_sheet] in centime.toml, such as \"%Y%m%d\" for 20231231"
            }
            Self::TimeZone => {
                "say in which time zone such days are meant: timezone = \"Europe/Paris\" under \
                 [datasets.income_statement] or [datasets.balance_sheet] in centime.toml"
            }
            Self::Rounding => {
                "control totals are expected in whole centimes: where their publisher adds them up as binary fractions, as \
                 the OFGL does (268607322.920001), set rounding = \"centime\" in the [[source]] of kind = \"aggregates\", \
                 and they are rounded to the nearest centime and counted"
            }
            Self::Budget => {
                "name the field with the SIRET number of the budget in centime.toml (siret = \"…\" under \
                 [fields.balance_sheet]), choose one budget for the income statement (where = \"…\" under \
                 [datasets.income_statement]), or do without (balance_sheet = \"\" under [datasets])"
            }
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dataset,
            record,
            field,
            reason,
            hint: _,
        } = self;
        write!(f, "{dataset}, record {record}, {field}: {reason}")
    }
}

/// The invalid values of a run: the first are kept, all are counted.
#[derive(Debug, Default)]
pub struct RecordErrors {
    first: Vec<RecordError>,
    more: u64,
}

impl RecordErrors {
    /// Adds an error, unless the same one is already there.
    pub fn add(&mut self, error: RecordError) {
        if self.first.contains(&error) {
            return;
        }
        if self.first.len() < MAX_REPORTED {
            self.first.push(error);
        } else {
            self.more += 1;
        }
    }

    /// Adds the errors of another retrieval.
    pub fn append(&mut self, other: Self) {
        self.more += other.more;
        for error in other.first {
            self.add(error);
        }
    }

    /// Whether there is any error.
    pub fn any(&self) -> bool {
        !self.first.is_empty()
    }

    /// The first errors in the order of their records, and how many more there are.
    pub fn into_parts(mut self) -> (Vec<RecordError>, u64) {
        self.first.sort_by_key(|error| error.record);
        (self.first, self.more)
    }
}
