//! Values of the domain as rows hold them: decoded once, where a row is read.
//!
//! A value that this version does not know is an error that names it. The conversions of rows that `sqlx` derives
//! lose what a conversion says, so values are understood where the engine's own are decoded, and not afterwards.

use centime_accounts::label::Match;
use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{Activity, Budget, Centimes, FiscalYear, Role, Side, Used, YearStatus};
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Type};

/// A row holds a value that this version of the program does not know.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unknown {
    #[error("«{found}» is not {what} that this version of Centime knows")]
    Word { what: &'static str, found: String },
    #[error("{0}")]
    Year(#[from] centime_accounts::year::YearError),
}

/// What is read from a row.
pub(crate) trait Readable: Sized {
    /// What the engine keeps of it.
    type Form;

    /// Understands what is kept.
    fn read(form: Self::Form) -> Result<Self, Unknown>;
}

/// A value in a row.
pub(crate) struct Read<T>(pub T);

/// A value in a row; nothing where the row has none.
pub(crate) struct ReadOrNull<T>(pub Option<T>);

impl<DB: Database, T: Readable> Type<DB> for Read<T>
where
    T::Form: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        T::Form::type_info()
    }

    fn compatible(of: &DB::TypeInfo) -> bool {
        T::Form::compatible(of)
    }
}

impl<DB: Database, T: Readable> Type<DB> for ReadOrNull<T>
where
    T::Form: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        T::Form::type_info()
    }

    fn compatible(of: &DB::TypeInfo) -> bool {
        T::Form::compatible(of)
    }
}

impl<'r, DB: Database, T: Readable> Decode<'r, DB> for Read<T>
where
    T::Form: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(T::read(T::Form::decode(value)?)?))
    }
}

impl<'r, DB: Database, T: Readable> Decode<'r, DB> for ReadOrNull<T>
where
    Option<T::Form>: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let kept = Option::<T::Form>::decode(value)?;
        Ok(Self(kept.map(T::read).transpose()?))
    }
}

/// Lets a type be read from a row: the type, what is kept of it, and what understands that.
macro_rules! readable {
    ($($of:ty as $form:ty = $read:expr;)*) => {$(
        impl $crate::stored::Readable for $of {
            type Form = $form;

            fn read(form: $form) -> Result<Self, $crate::stored::Unknown> {
                ($read)(form)
            }
        }

        impl From<$crate::stored::Read<$of>> for $of {
            fn from(read: $crate::stored::Read<$of>) -> Self {
                read.0
            }
        }

        impl From<$crate::stored::ReadOrNull<$of>> for Option<$of> {
            fn from(read: $crate::stored::ReadOrNull<$of>) -> Self {
                read.0
            }
        }
    )*};
}
pub(crate) use readable;

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

        $crate::stored::readable! { $of as String = $crate::stored::word($what, $of::named); }
    )+};
}
pub(crate) use stored_words;

/// What understands a name: `what` says of a value what it is one of.
pub(crate) fn word<T>(
    what: &'static str,
    named: impl Fn(&str) -> Option<T>,
) -> impl Fn(String) -> Result<T, Unknown> {
    move |found| named(&found).ok_or(Unknown::Word { what, found })
}

readable! {
    Side as String = word("a side of a statement", Side::named);
    Activity as String = word("an activity", Activity::named);
    Role as String = word("a role of a line", Role::named);
    Match as String = word("a way in which labels are recognised", Match::named);
    Budget as String = word("a kind of budget", Budget::named);
    Used as String = word("a choice between a parent and its parts", Used::named);
    Vec<String> as String = word("a list of texts", |json| serde_json::from_str(json).ok());
    &'static Nomenclature as String =
        word("a nomenclature", Nomenclature::by_code);
    YearStatus as String = word("a status of a year", YearStatus::named);
    FiscalYear as i64 = |year| Ok(FiscalYear::try_from(year)?);
    Centimes as i64 = |centimes| Ok(Centimes::new(centimes));
}
