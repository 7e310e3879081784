//! TOTEM: a budget document (`DocBudgetaire`) as it is sent to the prefecture. What was executed of each account stands
//! in `MtReal`, by function.

use std::io::Read;

use centime_accounts::{Budget, FiscalYear};

use crate::document::{ChartName, Document, DocumentBudget, DocumentKind, Executed};
use crate::error::Problem;
use crate::execution::{ExecutedLine, Execution};
use crate::limits::Limits;
use crate::values;
use crate::xml::{Elements, Line, Step};

const ONE_BUDGET: &str = "give each budget as a file of its own";

/// A budget document, as far as it was read.
#[derive(Debug, Default)]
pub struct BudgetDocument {
    pub version: Option<String>,
    pub siret: Option<String>,
    pub name: Option<String>,
    pub body_name: Option<String>,
    pub insee: Option<String>,
    pub chart: Option<ChartName>,
    pub year: Option<FiscalYear>,
    pub kind: Option<Budget>,
    pub population: Option<u32>,
    pub lines: u64,
    /// What `NatDec` says the document is; checked when it is read.
    decision: Option<String>,
    budgets: usize,
    is_project: bool,
    execution: Execution,
    line: Line,
}

impl BudgetDocument {
    /// Takes what an element that begins says.
    pub fn element<R: Read>(
        &mut self,
        elements: &mut Elements<R>,
        limits: &Limits,
    ) -> Result<(), Problem> {
        let value = elements.attribute("V");
        match (elements.name(), value) {
            ("Budget", _) if elements.parent() == Some("DocumentBudgetaire") => {
                self.budgets += 1;
                if self.budgets > 1 {
                    return Err(Problem::Several {
                        what: "budgets",
                        one: "the first Budget".into(),
                        other: "a second Budget".into(),
                        advice: ONE_BUDGET,
                    });
                }
            }
            ("LigneBudget", _) => {
                let is_made = elements.attribute("calculated") == Some("true");
                return self.budget_line(elements, is_made, limits);
            }
            ("Annexes" | "DocumentRapport" | "PieceJointe" | "Signature", _) => {
                return elements.skip();
            }
            ("VersionSchema", Some(version)) => {
                self.version.get_or_insert_with(|| version.to_owned());
            }
            ("LibelleColl", Some(name)) => {
                self.body_name.get_or_insert_with(|| name.to_owned());
            }
            ("LibelleEtab", Some(name)) => {
                self.name.get_or_insert_with(|| name.to_owned());
            }
            ("IdEtab", Some(number)) => {
                let siret = values::siret("IdEtab", number)?;
                values::same(&mut self.siret, siret, "budgets", ONE_BUDGET)?;
            }
            ("CodInseeColl", Some(code)) => {
                self.insee.get_or_insert_with(|| code.to_owned());
            }
            ("Nomenclature", Some(name)) => {
                self.chart.get_or_insert(values::chart(name)?);
            }
            ("NatDec", Some(code)) => {
                check_decision(code)?;
                self.decision = Some(code.to_owned());
            }
            ("ProjetBudget", Some(project)) => {
                self.is_project = matches!(project, "true" | "1");
            }
            ("Exer", Some(year)) => {
                let year = Year(values::year("Exer", year)?);
                let mut known = self.year.map(Year);
                values::same(
                    &mut known,
                    year,
                    "years",
                    "give each year as a file of its own",
                )?;
                self.year = Some(year.0);
            }
            ("CodTypBud", Some(kind)) => {
                self.kind = match kind {
                    "P" => Some(Budget::Main),
                    "A" => Some(Budget::Annex),
                    _ => None,
                };
            }
            ("Information", Some(value)) if elements.attribute("Code") == Some("PopTot") => {
                // Informational: another form is as good as none.
                self.population = value.parse().ok().filter(|number| *number > 0);
            }
            _ => {}
        }
        Ok(())
    }

    fn budget_line<R: Read>(
        &mut self,
        elements: &mut Elements<R>,
        is_made: bool,
        limits: &Limits,
    ) -> Result<(), Problem> {
        let mut line = std::mem::take(&mut self.line);
        let read = elements.read_line(&mut line);
        let added = read.and_then(|()| self.add(&line, is_made, limits));
        self.line = line;
        added
    }

    fn add(&mut self, line: &Line, is_made: bool, limits: &Limits) -> Result<(), Problem> {
        self.lines += 1;
        if self.lines > limits.lines {
            return Err(Problem::TooMuch(format!("{} lines", limits.lines)));
        }
        // Totals of chapters and sections, which some editors write, have no account.
        let Some(account) = line.only("Nature")?.filter(|_| !is_made) else {
            return Ok(());
        };
        let account = values::account("Nature", account)?;
        let Some(amount) = values::optional_amount("MtReal", line.only("MtReal")?)? else {
            return Ok(());
        };
        let line = ExecutedLine {
            account,
            label: line.get("LibCpte"),
            flow: values::flow("CodRD", line.only("CodRD")?)?,
            order: line.only("OpBudg")? == Some("1"),
            amount,
            line: line.at,
        };
        self.execution.add(line, limits.accounts)
    }

    /// What was executed.
    pub fn take_execution(&mut self) -> Executed {
        std::mem::take(&mut self.execution).finish()
    }

    /// Whether it is there and is the account of a year, once it was read to its end.
    pub fn check(&self) -> Result<(), Problem> {
        if self.budgets == 0 {
            return Err(Problem::Missing(
                "Budget in the DocumentBudgetaire".to_owned(),
            ));
        }
        if self.decision.is_none() {
            return Err(Problem::Missing(
                "NatDec, which says whether it is a budget or an account".to_owned(),
            ));
        }
        if self.is_project {
            return Err(Problem::Project);
        }
        Ok(())
    }
}

/// A year that can be written into a message.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Year(FiscalYear);

impl std::fmt::Display for Year {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.get())
    }
}

/// Refuses what is a budget and no account.
fn check_decision(code: &str) -> Result<(), Problem> {
    let what = match code.trim_start_matches('0') {
        "9" | "10" => return Ok(()),
        "1" => "a budget primitif (NatDec 01)",
        "2" => "a décision modificative (NatDec 02)",
        "3" => "a budget supplémentaire (NatDec 03)",
        _ => {
            let code = values::quoted(code);
            return Err(Problem::UnknownKind(
                code.trim_matches(['«', '»']).to_owned(),
            ));
        }
    };
    Err(Problem::Voted {
        what: what.to_owned(),
    })
}

/// Reads a budget document whose root has begun.
pub fn read<R: Read>(
    elements: &mut Elements<R>,
    file: &str,
    limits: &Limits,
) -> Result<Document, Problem> {
    let mut found = BudgetDocument::default();
    loop {
        match elements.next()? {
            Step::Start => found.element(elements, limits)?,
            Step::End => {}
            Step::Eof => break,
        }
    }
    found.check()?;
    let executed = found.take_execution();
    if executed.is_empty() {
        let reason = "no LigneBudget has a Nature and an executed amount (MtReal)";
        return Err(Problem::NoLines(reason.to_owned()));
    }
    let missing = |what: &str| Problem::Missing(what.to_owned());
    let siret = found
        .siret
        .ok_or_else(|| missing("SIRET number of the budget (IdEtab)"))?;
    let year = found.year.ok_or_else(|| missing("year (Exer)"))?;
    let chart = found.chart.ok_or_else(|| missing("Nomenclature"))?;
    values::check_chart(&chart, year)?;
    Ok(Document {
        file: file.to_owned(),
        kind: DocumentKind::AdministrativeAccount,
        version: found.version,
        budget: DocumentBudget {
            name: name(found.body_name, found.name, found.kind, &siret),
            siret,
            kind: found.kind,
            insee: found.insee,
            body_kind: None,
            departement: None,
        },
        year,
        chart: Some(chart),
        population: found.population,
        statement: Vec::new(),
        balance: Vec::new(),
        executed,
        budget_part: Executed::default(),
        balances: None,
        lines: found.lines,
    })
}

/// What a budget is called: as the body, where it is its main budget; else by its own name.
pub fn name(
    body: Option<String>,
    budget: Option<String>,
    kind: Option<Budget>,
    siret: &str,
) -> String {
    let (first, second) = if kind == Some(Budget::Annex) {
        (budget, body)
    } else {
        (body, budget)
    };
    let name = first.or(second).unwrap_or_else(|| siret.to_owned());
    name.split_whitespace().collect::<Vec<&str>>().join(" ")
}
