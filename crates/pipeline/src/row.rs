//! What all rows of a dataset have: a record, a fiscal year, a line and amounts.

use std::collections::HashMap;

use centime_accounts::label::normalise;
use centime_accounts::{BalanceRow, Centimes, FiscalYear, Published, StatementRow};
use centime_warehouse::Subject;

/// A row of a dataset.
pub trait Row: Sized + Send {
    /// What the dataset is about.
    const SUBJECT: Subject;

    /// The number of its record.
    fn record(&self) -> i64;

    /// The fiscal year it is labelled with.
    fn year(&self) -> FiscalYear;

    /// About how much memory it takes, in bytes.
    fn size(&self) -> usize;

    /// The amounts of the row, by column.
    fn amounts(&self) -> Vec<Option<Centimes>>;

    /// A number for what the row is about: equal for rows with the same labels, whatever their case and accents.
    fn line(&self, numbers: &mut LineNumbers) -> u32;

    /// The line in the words of the data.
    fn line_name(&self) -> String;
}

impl Row for StatementRow {
    const SUBJECT: Subject = Subject::IncomeStatement;

    fn record(&self) -> i64 {
        self.record
    }

    fn year(&self) -> FiscalYear {
        self.year
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn amounts(&self) -> Vec<Option<Centimes>> {
        vec![self.amount]
    }

    fn line(&self, numbers: &mut LineNumbers) -> u32 {
        let published = &*self.published;
        let Published {
            activity,
            side,
            category,
            label,
        } = published;
        let place = std::ptr::from_ref(published).addr();
        numbers.of_shared(place, [activity, side, category, label])
    }

    fn line_name(&self) -> String {
        let Published {
            category, label, ..
        } = &*self.published;
        format!("{} › {}", category.trim(), label.trim())
    }
}

impl Row for BalanceRow {
    const SUBJECT: Subject = Subject::BalanceSheet;

    fn record(&self) -> i64 {
        self.record
    }

    fn year(&self) -> FiscalYear {
        self.year
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.side.len() + self.category.len() + self.label.len()
    }

    fn amounts(&self) -> Vec<Option<Centimes>> {
        vec![self.gross, self.depreciation, self.net]
    }

    fn line(&self, numbers: &mut LineNumbers) -> u32 {
        numbers.of_labels(["", &self.side, &self.category, &self.label])
    }

    fn line_name(&self) -> String {
        format!("{} › {}", self.category.trim(), self.label.trim())
    }
}

/// Numbers for the lines of a body, so that they compare quickly.
#[derive(Debug, Default)]
pub struct LineNumbers {
    by_place: HashMap<usize, u32>,
    by_text: HashMap<String, u32>,
}

impl LineNumbers {
    /// The number of the line with these labels, whatever their case and accents.
    pub fn of_labels(&mut self, labels: [&str; 4]) -> u32 {
        let next = u32::try_from(self.by_text.len()).unwrap_or(u32::MAX);
        let text = labels.map(normalise).join("\n");
        *self.by_text.entry(text).or_insert(next)
    }

    /// The same for labels that many rows share: they are looked at once for each place in memory.
    pub fn of_shared(&mut self, place: usize, labels: [&str; 4]) -> u32 {
        if let Some(known) = self.by_place.get(&place) {
            return *known;
        }
        let number = self.of_labels(labels);
        self.by_place.insert(place, number);
        number
    }
}
