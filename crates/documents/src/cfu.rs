//! CFU: the *compte financier unique* (`DocCFU`). The attribute `Etat` says what a line is of: `CR` the income
//! statement, `BI_A` and `BI_P` the balance sheet, `EB_…` the execution by account. Lines in thousands of euros
//! (`CR_S`, `BI_S_…`) repeat them and are not read.

use std::io::Read;

use centime_accounts::label::normalise;
use centime_accounts::{Budget, Side};

use crate::document::{
    BalanceEntry, Document, DocumentBudget, DocumentKind, StatementEntry, TITLE,
};
use crate::error::Problem;
use crate::execution::{ExecutedLine, Execution};
use crate::limits::Limits;
use crate::totem::{self, BudgetDocument};
use crate::values;
use crate::xml::{Elements, Line, Step};

const ONE_BUDGET: &str = "give each budget as a file of its own";

/// The chapters of order operations, which move no money.
const ORDER_CHAPTERS: [&str; 4] = ["040", "041", "042", "043"];

/// What the accounting part says, as far as it was read.
#[derive(Debug, Default)]
struct Accounting {
    siret: Option<String>,
    name: Option<String>,
    chart: Option<crate::document::ChartName>,
    year: Option<centime_accounts::FiscalYear>,
    kind: Option<Budget>,
    population: Option<u32>,
    budgets: usize,
    statement: Vec<StatementEntry>,
    assets: Vec<BalanceEntry>,
    liabilities: Vec<BalanceEntry>,
    execution: Execution,
    lines: u64,
    /// The block of the statement that was last begun.
    block: Option<(String, Option<Side>)>,
    /// The title of the balance sheet that was last printed.
    heading: String,
}

/// Reads a CFU whose root has begun.
pub fn read<R: Read>(
    elements: &mut Elements<R>,
    file: &str,
    limits: &Limits,
) -> Result<Document, Problem> {
    let mut found = Accounting::default();
    let mut budget = BudgetDocument::default();
    let mut has_budget = false;
    let mut line = Line::default();
    loop {
        match elements.next()? {
            Step::Start if elements.is_within("DocumentBudgetaire") => {
                has_budget = true;
                budget.element(elements, limits)?;
            }
            Step::Start if elements.name() == "LigneComptable" => {
                elements.read_line(&mut line)?;
                found.line(&line, limits)?;
            }
            Step::Start => found.element(elements)?,
            Step::End => {}
            Step::Eof => break,
        }
    }
    if has_budget {
        budget.check()?;
    }
    found.finish(budget, file)
}

impl Accounting {
    /// Takes what an element says that is no line.
    fn element<R: Read>(&mut self, elements: &mut Elements<R>) -> Result<(), Problem> {
        let value = elements.attribute("V");
        match (elements.name(), value) {
            ("Signature", _) => return elements.skip(),
            ("Nomenclature", Some(name)) => {
                self.chart.get_or_insert(values::chart(name)?);
            }
            ("Exercice", Some(year)) => {
                self.year.get_or_insert(values::year("Exercice", year)?);
            }
            ("Collectivite", _) if elements.is_within("Infos") => {
                self.name = elements.attribute("Libelle").map(str::to_owned);
                // Informational: another form is as good as none.
                let population = elements.attribute("Population");
                self.population = population.and_then(|text| text.parse().ok());
                self.kind = match elements.attribute("TypeBC") {
                    Some("BP") => Some(Budget::Main),
                    Some("BA") => Some(Budget::Annex),
                    _ => None,
                };
                if let Some(number) = elements.attribute("Siret") {
                    let siret = values::siret("Collectivite, Siret", number)?;
                    self.siret.get_or_insert(siret);
                }
            }
            ("BudgetComptable", _) => {
                self.budgets += 1;
                let number = elements.attribute("SIRET");
                let siret = number.map(|number| values::siret("BudgetComptable, SIRET", number));
                let siret = siret.transpose()?;
                if self.budgets > 1 {
                    return Err(Problem::Several {
                        what: "budgets",
                        one: self.siret.take().unwrap_or_default().into(),
                        other: siret.unwrap_or_default().into(),
                        advice: ONE_BUDGET,
                    });
                }
                // An annex budget has a number of its own beside that of its body.
                self.siret = siret.or(self.siret.take());
            }
            _ => {}
        }
        Ok(())
    }

    fn line(&mut self, line: &Line, limits: &Limits) -> Result<(), Problem> {
        self.lines += 1;
        if self.lines > limits.lines {
            return Err(Problem::TooMuch(format!("{} lines", limits.lines)));
        }
        let state = line.only("Etat")?;
        let state = state.ok_or_else(|| Problem::Missing("Etat in a LigneComptable".to_owned()))?;
        let printed = self.statement.len() + self.assets.len() + self.liabilities.len();
        if printed >= limits.accounts {
            return Err(Problem::TooMuch(format!(
                "{} printed lines",
                limits.accounts
            )));
        }
        match state {
            "CR" => self.statement_line(line),
            "BI_A" => self.balance_line(line, true),
            "BI_P" => self.balance_line(line, false),
            _ if state.starts_with("EB_") => self.executed_line(line, limits),
            _ => Ok(()),
        }
    }

    fn statement_line(&mut self, line: &Line) -> Result<(), Problem> {
        let label = line.get("Intitule1").unwrap_or_default().to_owned();
        let treatment = line.get("ModeTraitement").unwrap_or_default().to_owned();
        let normal = normalise(&label);
        let is_block = treatment == TITLE && line.get("Format") == Some("GAGE");
        if is_block {
            let side = if normal.starts_with("produits") {
                Some(Side::Revenue)
            } else if normal.starts_with("charges") {
                Some(Side::Expense)
            } else {
                None
            };
            self.block = Some((label.clone(), side));
        } else if treatment == "TOTALISATION" && !normal.starts_with("total") {
            // What is left of blocks is in none.
            self.block = None;
        }
        let (block, side) = self.block.clone().unwrap_or_default();
        self.statement.push(StatementEntry {
            line: line.at,
            order: order(line)?,
            label,
            code: line.get("Agregat").map(str::to_owned),
            treatment,
            block,
            side,
            is_block,
            amount: values::optional_amount("MtNet", line.only("MtNet")?)?,
            previous: values::optional_amount("MtNet-1", line.only("MtNet-1")?)?,
        });
        Ok(())
    }

    fn balance_line(&mut self, line: &Line, is_asset: bool) -> Result<(), Problem> {
        let label = line.get("Intitule1").unwrap_or_default().to_owned();
        let treatment = line.get("ModeTraitement").unwrap_or_default().to_owned();
        if treatment == TITLE {
            self.heading.clone_from(&label);
        }
        let amount = |name: &str| values::optional_amount(name, line.only(name)?);
        let entry = BalanceEntry {
            line: line.at,
            order: order(line)?,
            is_asset,
            label,
            code: line.get("Agregat").map(str::to_owned),
            treatment,
            heading: self.heading.clone(),
            gross: amount("MtBrut")?,
            depreciation: amount("MtAmo")?,
            net: amount("MtNet")?,
            previous: amount("MtNet-1")?,
        };
        let side = if is_asset {
            &mut self.assets
        } else {
            &mut self.liabilities
        };
        side.push(entry);
        Ok(())
    }

    fn executed_line(&mut self, line: &Line, limits: &Limits) -> Result<(), Problem> {
        let treatment = line.get("ModeTraitement").unwrap_or_default();
        // Totals of chapters have no account; accounts of operations repeat those of chapters.
        let Some(account) = line
            .only("Nature")?
            .filter(|_| treatment.starts_with("DETAIL"))
        else {
            return Ok(());
        };
        let account = values::account("Nature", account)?;
        let net = values::optional_amount("MtRealNettes", line.only("MtRealNettes")?)?;
        let amount = if let Some(net) = net {
            net
        } else {
            let issued = values::optional_amount("MtEmissions", line.only("MtEmissions")?)?;
            let undone = values::optional_amount("MtAnnulations", line.only("MtAnnulations")?)?;
            let Some(issued) = issued else { return Ok(()) };
            let net = issued.checked_sub(undone.unwrap_or_default());
            net.ok_or_else(|| Problem::OutOfRange(account.to_owned()))?
        };
        let chapter = line.get("Chapitre").unwrap_or_default();
        let executed = ExecutedLine {
            account,
            label: line.get("Intitule2"),
            flow: values::flow("CodeRD", line.only("CodeRD")?)?,
            order: ORDER_CHAPTERS.contains(&chapter),
            amount,
            line: line.at,
        };
        self.execution.add(executed, limits.accounts)
    }

    fn finish(self, mut budget: BudgetDocument, file: &str) -> Result<Document, Problem> {
        let missing = |what: &str| Problem::Missing(what.to_owned());
        let mut siret = self.siret;
        if let Some(other) = budget.siret.take() {
            values::same(
                &mut siret,
                other,
                "budgets",
                "the accounting part and the budget part have to be of one budget; get the document anew from who made it",
            )?;
        }
        let siret = siret.ok_or_else(|| missing("SIRET number of the budget (BudgetComptable)"))?;
        let year = self.year.or(budget.year);
        let year = year.ok_or_else(|| missing("year (Exercice)"))?;
        if let Some(other) = budget.year.filter(|other| *other != year) {
            return Err(Problem::Several {
                what: "years",
                one: year.to_string().into_boxed_str(),
                other: other.to_string().into(),
                advice: "the accounting part and the budget part have to be of one year; get the document anew from who made it",
            });
        }
        let chart = self.chart.or(budget.chart.take());
        let chart = chart.ok_or_else(|| missing("Nomenclature"))?;
        values::check_chart(&chart, year)?;
        if self.statement.is_empty() && self.execution.is_empty() {
            let reason = "no LigneComptable has the Etat CR or one of EB_…";
            return Err(Problem::NoLines(reason.to_owned()));
        }
        let kind = budget.kind.or(self.kind);
        let own = self.name;
        let body = budget.body_name.take();
        let body = body.map(|name| values::name_and_chart(&name).0);
        let mut balance = self.assets;
        balance.extend(self.liabilities);
        Ok(Document {
            file: file.to_owned(),
            kind: DocumentKind::UnifiedAccount,
            version: budget.version.take(),
            budget: DocumentBudget {
                name: totem::name(body, own.or(budget.name.take()), kind, &siret),
                siret,
                kind,
                insee: budget.insee.take(),
                body_kind: None,
                departement: None,
            },
            year,
            chart: Some(chart),
            population: budget.population.or(self.population),
            statement: self.statement,
            balance,
            executed: self.execution.finish(),
            budget_part: budget.take_execution(),
            balances: None,
            lines: self.lines + budget.lines,
        })
    }
}

/// The place of a line in its form.
fn order(line: &Line) -> Result<u32, Problem> {
    let text = line.get("NumOrdre").unwrap_or("0");
    text.parse().map_err(|_error| Problem::Value {
        field: "NumOrdre".to_owned(),
        reason: format!("{} is not a number", values::quoted(text)),
    })
}
