//! Rows of accounts, and of what follows from them.

use std::collections::HashMap;

use centime_accounts::FiscalYear;
use centime_warehouse::Body;
use centime_warehouse::accounts::{Account, AccountYear, Indicator};
use centime_warehouse::everybody::Span;

use super::{Failed, Names, Rows};
use crate::accounts::{Books, by_nature, of_account, of_indicator};
use crate::{Cell, Inhabitants, columns};

impl Rows {
    /// The statements by nature of some bodies as rows.
    pub(super) async fn by_nature(
        &self,
        bodies: &[Body],
        span: &Span,
    ) -> Result<Vec<Vec<Cell>>, Failed> {
        let (warehouse, revision) = (&self.warehouse, self.revision.id);
        let mut known = self.known_years(span).await?;
        let mut rows = Vec::new();
        for body in bodies {
            let siren = body.siren.as_str();
            let books = Books::load(warehouse, revision, siren).await?;
            if books.is_empty() {
                continue;
            }
            let breaks = warehouse.series_breaks(revision, siren).await?;
            let inhabitants = Inhabitants::load(warehouse, revision, siren).await?;
            let table = by_nature(&books, siren, &body.name, &breaks)
                .divided_by(&inhabitants)
                .table();
            for row in &table.rows {
                let year = table.cell(row, columns::FISCAL_YEAR).year();
                if year.is_some_and(|year| self.years.contains(&year)) {
                    let mut cells = vec![Cell::of(siren), Cell::of(&body.name)];
                    cells.extend(row.iter().cloned());
                    cells.push(known.doubts(siren, year));
                    rows.push(cells);
                }
            }
        }
        Ok(rows)
    }

    /// The accounts of some bodies as rows.
    pub(super) async fn accounts(
        &self,
        bodies: &[Body],
        span: &Span,
    ) -> Result<Vec<Vec<Cell>>, Failed> {
        let (warehouse, revision) = (&self.warehouse, self.revision.id);
        let names = Names::of(bodies);
        let mut known = self.known_years(span).await?;
        let found = warehouse.accounts(revision, span, &self.years).await?;
        let row = |account: &Account| {
            let siren = account.siren.as_str();
            let mut cells = vec![Cell::of(siren), names.of_body(siren)];
            cells.extend(of_account(account));
            cells.push(known.doubts(siren, Some(account.fiscal_year)));
            cells
        };
        Ok(found.iter().map(row).collect())
    }

    /// The indicators of some bodies as rows.
    pub(super) async fn indicators(
        &self,
        bodies: &[Body],
        span: &Span,
    ) -> Result<Vec<Vec<Cell>>, Failed> {
        let (warehouse, revision) = (&self.warehouse, self.revision.id);
        let names = Names::of(bodies);
        let mut known = self.known_years(span).await?;
        let years = warehouse.account_years(revision, span).await?;
        let years: HashMap<(&str, FiscalYear), &AccountYear> = years
            .iter()
            .map(|year| ((year.siren.as_str(), year.fiscal_year), year))
            .collect();
        let found = warehouse.indicators(revision, span, &self.years).await?;
        let row = |value: &Indicator| {
            let siren = value.siren.as_str();
            let year = years.get(&(siren, value.fiscal_year)).copied();
            let mut cells = vec![Cell::of(siren), names.of_body(siren)];
            cells.extend(of_indicator(value, year)?);
            cells.push(known.doubts(siren, Some(value.fiscal_year)));
            Some(cells)
        };
        Ok(found.iter().filter_map(row).collect())
    }
}
