//! What the demonstration has beside the sample: real figures, where it is said which they are.

/// The file name and the bytes of the account of a commune: the figures of a real *compte financier unique*, without
/// anything about persons. Its readers are tested with the same file.
pub const DOCUMENT: (&str, &[u8]) = (
    "cfu-2023.xml",
    include_bytes!("../../documents/tests/data/cfu-2023.xml"),
);

/// What the account is called as a source.
pub const DOCUMENT_NAME: &str = "Compte financier unique 2023";
