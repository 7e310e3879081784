//! Which field of a dataset of balances holds what.

use centime_documents::balances::{Column, Columns};
use centime_documents::{AccountLine, Problem};
use centime_portal::{Dataset, Field, FieldType, Fields, Value};

use crate::error::Error;

/// The fields of a dataset by what they hold.
#[derive(Clone, Debug)]
pub struct BalanceFields {
    columns: Columns,
    fields: Vec<Field>,
}

impl BalanceFields {
    /// Finds them in the description of a dataset.
    pub fn of(dataset: &Dataset) -> Result<Self, Error> {
        let names = dataset.fields.iter().map(|field| field.name.as_str());
        let columns = Columns::find(names);
        let columns = columns.map_err(|problem| at(&dataset.dataset_id, None, problem))?;
        Ok(Self {
            columns,
            fields: dataset.fields.clone(),
        })
    }

    fn field(&self, column: Column) -> Option<&Field> {
        self.fields.get(self.columns.place(column)?)
    }

    /// The portal's name of a column; `None` where the dataset has it not.
    pub fn name(&self, column: Column) -> Option<&str> {
        self.field(column).map(|field| field.name.as_str())
    }

    /// The type of a column.
    pub fn kind(&self, column: Column) -> Option<&FieldType> {
        self.field(column).map(|field| &field.field_type)
    }

    /// Reads a record, which is held against its identity.
    pub fn read(&self, fields: Fields<'_>, number: u64) -> Result<AccountLine, Problem> {
        let values: Vec<(&str, Value<'_>)> = fields.iter().collect();
        let value = |column| {
            let place = self.columns.place(column)?;
            let name = self.fields[place].name.as_str();
            // Records have their fields in the order of the description, as a rule.
            let found = match values.get(place) {
                Some((found, value)) if *found == name => Some(*value),
                _ => fields.get(name),
            };
            match found {
                Some(Value::Text(text) | Value::Number(text)) => Some(text),
                _ => None,
            }
        };
        AccountLine::read(&value, number)
    }

    /// The text of a column in a record.
    pub fn text<'a>(&self, fields: Fields<'a>, column: Column) -> &'a str {
        match self.name(column).and_then(|name| fields.get(name)) {
            Some(Value::Text(text) | Value::Number(text)) => text.trim(),
            _ => "",
        }
    }
}

/// What is wrong with a record of a dataset.
pub fn at(dataset: &str, record: Option<u64>, problem: Problem) -> Error {
    Error::Document(centime_documents::Error {
        file: dataset.to_owned(),
        line: record,
        problem,
    })
}
