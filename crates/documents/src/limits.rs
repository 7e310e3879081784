//! How much is taken of a document before it is refused.

/// How much is taken of documents. The usual limits are far beyond any real one: the accounts of the largest cities
/// have some ten thousand lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes a document may have, once unpacked.
    pub bytes: u64,
    /// How many lines of accounts it may have.
    pub lines: u64,
    /// How many different accounts, and how many printed lines, it may have.
    pub accounts: usize,
    /// How many files an archive, or all folders together, may have.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 2 << 30,
            lines: 20_000_000,
            accounts: 20_000,
            files: 50_000,
        }
    }
}

/// How deep elements may be in each other.
pub const MAX_DEPTH: usize = 64;

/// How long a value may be, in bytes. The longest label of an official form has some hundred letters.
pub const MAX_VALUE_BYTES: usize = 64 << 10;

/// How long one piece of a document may be in bytes, such as a tag, a comment or the text between two tags: pieces
/// are held whole. Scanned documents that are attached as text are some megabytes long.
pub const MAX_PIECE_BYTES: u64 = 64 << 20;
