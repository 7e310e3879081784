//! The databases.

mod access;
mod administrator;
mod encryption;
mod open;
mod values;
