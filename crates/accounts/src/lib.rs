//! The accounting domain: exact money, fiscal years, statement structures and the rules that turn
//! published rows into figures. Pure: no input or output, no SQL, no HTTP.
//!
//! | module | knows |
//! |---|---|
//! | [`money`] | integer centimes, and how a decimal text becomes one |
//! | [`account`] | account numbers, and which of them a line holds |
//! | [`year`] | fiscal years, and the forms in which portals write them |
//! | [`year_status`] | what is known of the figures of a year |
//! | [`identifier`] | SIREN and SIRET numbers: public bodies and their budgets |
//! | [`label`] | when two labels are the same label |
//! | [`nomenclature`] | the M14 and M57 statements, read from `data/*.toml` |
//! | [`address`] | the name by which a line is found again in every revision |
//! | [`statement`] | a published row, a statement line, and the roles it can have |
//! | [`classify`] | which line of which statement a published row is |
//! | [`grouping`] | which category a line belongs to |
//! | [`leaf`] | which lines are added and which only repeat others |
//! | [`departement`] | départements, by their code and by the number that the DGFiP gives them |
//! | [`body`] | public bodies, and the years in which one became another |
//! | [`balance`] | the balance sheet, its shifted years and the published result |
//! | [`chart`] | the official charts of accounts, by family, form and year |
//! | [`trial_balance`] | what each account of a budget held and what moved it |
//! | [`computed`] | the official statement from accounts |
//! | [`by_nature`] | the statement by accounts of two digits |
//! | [`computed_sheet`] | the balance sheet from accounts |
//! | [`carry_over`] | what a year brings forward to the next, which proves its result |
//! | [`aggregates`] | control totals of the OFGL, and the identities between them |
//! | [`peers`] | what bodies are, and which of them can be compared |
//! | [`witness`] | what else says what the result of a year is |
//! | [`indicators`] | savings, debt and the ratios of the trade, from accounts |

pub mod account;
pub mod address;
pub mod aggregates;
pub mod balance;
pub mod body;
pub mod by_nature;
pub mod carry_over;
pub mod chart;
pub mod classify;
pub mod computed;
pub mod computed_sheet;
pub mod departement;
pub mod grouping;
pub mod identifier;
pub mod indicators;
pub mod label;
pub mod leaf;
pub mod money;
pub mod nomenclature;
pub mod peers;
pub mod statement;
pub mod trial_balance;
pub mod witness;
pub mod year;
pub mod year_status;

pub use address::LineAddress;
pub use aggregates::Aggregates;
pub use balance::{BalanceLine, BalanceRow, BalanceSheet, BroughtForward, Carried};
pub use body::Body;
pub use by_nature::NatureStatement;
pub use carry_over::CarryOver;
pub use chart::Chart;
pub use classify::Classifier;
pub use computed::{ComputedStatement, Placement};
pub use computed_sheet::ComputedSheet;
pub use grouping::Grouping;
pub use identifier::Budget;
pub use indicators::{Given, Indicator};
pub use leaf::{Used, YearStatement};
pub use money::{AmountForm, BasisPoints, Centimes};
pub use peers::BodyKind;
pub use statement::{Activity, LineItem, Published, Role, Side, StatementLine, StatementRow};
pub use trial_balance::{AccountRow, Flow, TrialBalance};
pub use witness::{NotComputable, Witness, WitnessKind};
pub use year::{FiscalYear, YearForm};
pub use year_status::YearStatus;

/// The version of the rules in this crate. A change of any rule that could change a figure raises
/// it, so that unchanged source data are published again under the new rules.
pub const RULES_VERSION: u32 = 4;
