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

macro_rules! words {
    ($($of:ident = $what:literal;)*) => {$(
        impl TryFrom<Word> for Option<$of> {
            type Error = Unknown;

            fn try_from(Word(word): Word) -> Result<Self, Unknown> {
                let read = |found: String| {
                    $of::named(&found).ok_or(Unknown::Word { what: $what, found })
                };
                word.map(read).transpose()
            }
        }

        impl TryFrom<Word> for $of {
            type Error = Unknown;

            fn try_from(word: Word) -> Result<Self, Unknown> {
                Option::<Self>::try_from(word)?.ok_or(Unknown::Null($what))
            }
        }
    )*};
}

words! {
    Side = "a side of a statement";
    Activity = "an activity";
    Role = "a role of a line";
    Match = "a way in which labels are recognised";
    Used = "a choice between a parent and its parts";
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
