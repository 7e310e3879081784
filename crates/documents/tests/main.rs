//! Readers of official documents: made ones, real ones where they are at hand, broken and hostile ones.

mod balances;
mod documents;
mod forms;
mod fuzz;
mod hostile;
mod real;
mod refused;
mod variants;
