//! Rows as files to keep.

pub mod all_bodies;
pub mod download;
