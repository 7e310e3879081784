//! Values of the domain as rows hold them: decoded once, where a row is read.

use centime_accounts::label::Match;
use centime_accounts::{Activity, Centimes, Role, Side, Used};

/// A name in a row; nothing where the row has none.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct Word(Option<String>);

/// Centimes in a row; nothing where the row has none.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct Money(Option<i64>);

/// A row holds a name that this version of the program does not know.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unknown {
    #[error("«{found}» is not {what} that this version of centime knows")]
    Word { what: &'static str, found: String },
    #[error("there is nothing where a row has to hold {0}")]
    Null(&'static str),
}

/// Texts in a row, kept as JSON.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct Texts(String);

impl TryFrom<Texts> for Vec<String> {
    type Error = Unknown;

    fn try_from(Texts(json): Texts) -> Result<Self, Unknown> {
        serde_json::from_str(&json).map_err(|_| Unknown::Word {
            what: "a list of texts",
            found: json,
        })
    }
}

/// Lets a type be read from a name in a row: the type, what a name of it is, and what finds one.
macro_rules! read_words {
    ($($of:ty = $what:literal by $named:expr;)*) => {$(
        impl TryFrom<$crate::stored::Word> for Option<$of> {
            type Error = $crate::stored::Unknown;

            fn try_from(word: $crate::stored::Word) -> Result<Self, $crate::stored::Unknown> {
                word.read($what, $named)
            }
        }

        impl TryFrom<$crate::stored::Word> for $of {
            type Error = $crate::stored::Unknown;

            fn try_from(word: $crate::stored::Word) -> Result<Self, $crate::stored::Unknown> {
                Option::<Self>::try_from(word)?.ok_or($crate::stored::Unknown::Null($what))
            }
        }
    )*};
}
pub(crate) use read_words;

/// Gives enumerations of the warehouse their stored names, in both directions.
macro_rules! stored_words {
    ($($of:ident = $what:literal { $($variant:ident = $name:literal),+ $(,)? })+) => {$(
        impl $of {
            /// The name stored in the warehouse.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub(crate) fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }

        $crate::stored::read_words! { $of = $what by $of::named; }
    )+};
}
pub(crate) use stored_words;

read_words! {
    Side = "a side of a statement" by Side::named;
    Activity = "an activity" by Activity::named;
    Role = "a role of a line" by Role::named;
    Match = "a way in which labels are recognised" by Match::named;
    Used = "a choice between a parent and its parts" by Used::named;
}

impl Word {
    /// The value that a name stands for.
    pub(crate) fn read<T>(
        self,
        what: &'static str,
        named: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Unknown> {
        let read = |found: String| named(&found).ok_or(Unknown::Word { what, found });
        self.0.map(read).transpose()
    }
}

impl From<Money> for Option<Centimes> {
    fn from(Money(centimes): Money) -> Self {
        centimes.map(Centimes::new)
    }
}

impl TryFrom<Money> for Centimes {
    type Error = Unknown;

    fn try_from(Money(centimes): Money) -> Result<Self, Unknown> {
        centimes.map(Self::new).ok_or(Unknown::Null("an amount"))
    }
}
