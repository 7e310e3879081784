//! The public bodies of a revision.

use centime_accounts::identifier;
use centime_accounts::label::normalise;
use centime_accounts::{Budget, FiscalYear};
use sqlx::FromRow;

use crate::engine::Query;
use crate::lines::cut;
use crate::stored::{Read, ReadOrNull};
use crate::{Result, Warehouse};

/// A public body that has an income statement, or aggregates alone.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Body {
    /// The number it is kept by: its SIREN number, or the SIRET number of one of its budgets where the source
    /// tells them apart; empty when not known. The INSEE code of one that has aggregates alone, whose source does not
    /// say its SIREN number: `56134`, `DEP-45`, `REG-32`.
    pub siren: String,
    /// Its name.
    pub name: String,
    /// What its budget is beside the others; `None` where the source does not say.
    #[sqlx(try_from = "ReadOrNull<Budget>")]
    pub budget: Option<Budget>,
    /// The first fiscal year of its income statement.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub first_year: FiscalYear,
    /// The last one.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub last_year: FiscalYear,
    /// How many lines its income statement has; none where only aggregates are known.
    pub lines: i64,
    /// Whether any of them is invented: it is of the sample edition.
    pub sample: bool,
}

impl Body {
    /// Whether it has an income statement; if not, aggregates alone are known of it.
    pub const fn has_statement(&self) -> bool {
        self.lines > 0
    }

    /// Its SIREN number, also where the body is one of several budgets; empty when not known.
    pub fn siren_number(&self) -> &str {
        identifier::siren(&self.siren)
    }

    /// The SIRET number of its budget, where the source tells budgets apart.
    pub fn siret(&self) -> Option<&str> {
        identifier::siret(&self.siren)
    }

    /// Whether a text, as people write it, names this body: its SIREN or SIRET number in groups or not, or its
    /// name whatever the case and accents.
    pub fn answers_to(&self, text: &str) -> bool {
        if text == self.siren {
            return true;
        }
        if let Ok(digits) = identifier::digits(text) {
            // A body without budgets is meant by the SIRET number of any of its establishments.
            let known = self.siren.as_str();
            return !known.is_empty() && (known.starts_with(&*digits) || digits.starts_with(known));
        }
        let name = normalise(text);
        !name.is_empty() && name == normalise(&self.name)
    }
}

/// What a text that names a body comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// The body that is meant.
    One(Body),
    /// Several could be meant: budgets of one body, or bodies of one name.
    Several(Vec<Body>),
    /// There is none such.
    None,
}

impl Named {
    fn of(mut found: Vec<Body>) -> Self {
        let is_main = |body: &Body| body.budget == Some(Budget::Main);
        if found.len() > 1 && found.iter().filter(|body| is_main(body)).count() == 1 {
            // The accounts of a body are those of its main budget where only the body is named.
            found.retain(is_main);
        }
        match found.len() {
            0 => Self::None,
            1 => found.pop().map_or(Self::None, Self::One),
            _ => Self::Several(found),
        }
    }
}

/// Some of the bodies wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bodies {
    /// How many are wanted in all.
    pub matching: i64,
    /// The bodies of this page, by name.
    pub bodies: Vec<Body>,
}

pub(crate) const COLUMNS: &str = "siren, name, budget, first_year, last_year, lines, sample";

/// Whether a text has the form of the INSEE code of a commune: `56134`, `2A004`.
fn is_insee(text: &str) -> bool {
    text.len() == 5
        && text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// How many bodies of one name or number are told apart.
const NAMESAKES: i64 = 100;

/// How many budgets of one body are named at most. The largest have some dozens.
const BUDGETS: i64 = 1000;

/// The order in which the budgets of a body are named: the main one, those attached to it, the annexed ones.
pub(crate) const BY_BUDGET: &str = "CASE budget WHEN 'main' THEN 0 WHEN 'attached' THEN 1 WHEN 'annex' THEN 2 ELSE 3 END, name, siren";

/// Asks for the bodies whose name or number has all of these words.
pub(crate) fn wanted(columns: &str, revision: i64, words: &str) -> Query {
    let mut query = Query::new(format!(
        "SELECT {columns} FROM core.body WHERE revision_id = $1"
    ))
    .bind(revision);
    // A normalised word has letters and digits only, so none of LIKE's wildcards.
    for word in normalise(words).split(' ').filter(|word| !word.is_empty()) {
        query.push(" AND search_text LIKE ");
        query.push_bind(format!("%{word}%"));
    }
    query
}

/// Restricts a query to the numbers that begin with the first text, up to those that begin with the last one.
pub(crate) fn within(query: &mut Query, first: &str, last: &str) {
    query.push(" AND siren >= ").push_bind(first.to_owned());
    // In byte order a colon is what follows the nine.
    query.push(" AND siren < ").push_bind(format!("{last}:"));
}

impl Warehouse {
    /// The bodies whose name or number has all of these words, from `offset`, at most `limit`.
    pub async fn bodies(
        &self,
        revision: i64,
        words: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Bodies> {
        let failed = |error| self.failed(error);
        let wanted = |columns: &str| wanted(columns, revision, words);
        let (matching,) = self.engine.one(wanted("COUNT(*)")).await.map_err(failed)?;
        let mut select = wanted(COLUMNS);
        select.push(" ORDER BY name, siren LIMIT ").push_bind(limit);
        select.push(" OFFSET ").push_bind(offset);
        let bodies = self.engine.all(select).await.map_err(failed)?;
        Ok(Bodies { matching, bodies })
    }

    /// The bodies whose name or number has all of these words, in the order of their numbers after
    /// one, at most `limit`, and whether there are more.
    pub async fn bodies_after(
        &self,
        revision: i64,
        words: &str,
        after: Option<&str>,
        limit: i64,
    ) -> Result<(Vec<Body>, bool)> {
        let mut select = wanted(COLUMNS, revision, words);
        if let Some(after) = after {
            select.push(" AND siren > ").push_bind(after.to_owned());
        }
        select.push(" ORDER BY siren LIMIT ");
        select.push_bind(limit.saturating_add(1));
        let found = self.engine.all(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        Ok(cut(found, limit))
    }

    /// The body with a SIREN number; `None` when the revision does not have it.
    pub async fn body(&self, revision: i64, siren: &str) -> Result<Option<Body>> {
        let query = Query::new(format!(
            "SELECT {COLUMNS} FROM core.body WHERE revision_id = $1 AND siren = $2"
        ))
        .bind(revision)
        .bind(siren);
        let found = self.engine.optional(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// The body that a text names, as people write it: see [`Body::answers_to`].
    pub async fn named_body(&self, revision: i64, text: &str) -> Result<Named> {
        if let Some(body) = self.body(revision, text).await? {
            return Ok(Named::One(body));
        }
        if is_insee(text) {
            let mut select = Query::new(format!(
                "SELECT {COLUMNS} FROM core.body WHERE revision_id = $1"
            ))
            .bind(revision);
            select.push(" AND insee = ");
            select.push_bind(text.to_ascii_uppercase());
            select.push(" ORDER BY siren LIMIT ").push_bind(NAMESAKES);
            let found: Vec<Body> = self
                .engine
                .all(select)
                .await
                .map_err(|error| self.failed(error))?;
            if !found.is_empty() {
                return Ok(Named::of(found));
            }
        }
        let Ok(digits) = identifier::digits(text) else {
            let mut found = self.bodies(revision, text, 0, NAMESAKES).await?.bodies;
            found.retain(|body| body.answers_to(text));
            return Ok(Named::of(found));
        };
        if let Some(body) = self.body(revision, &digits).await? {
            return Ok(Named::One(body));
        }
        if identifier::siret(&digits).is_some() {
            // Where budgets are not told apart, the body is kept by its SIREN number.
            let body = self.body(revision, identifier::siren(&digits)).await?;
            return Ok(body.map_or(Named::None, Named::One));
        }
        let mut select = Query::new(format!(
            "SELECT {COLUMNS} FROM core.body WHERE revision_id = $1"
        ))
        .bind(revision);
        within(&mut select, &digits, &digits);
        select.push(" ORDER BY siren LIMIT ").push_bind(NAMESAKES);
        let found = self.engine.all(select).await;
        Ok(Named::of(found.map_err(|error| self.failed(error))?))
    }

    /// All budgets of the body that this is a budget of, this one included: the main one first, then those attached to it
    /// and the annexed ones, each by name. None where the source does not tell budgets apart, or there is no other.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn budgets(&self, revision: i64, of: &Body) -> Result<Vec<Body>> {
        if of.siret().is_none() {
            return Ok(Vec::new());
        }
        let mut select = Query::new(format!(
            "SELECT {COLUMNS} FROM core.body WHERE revision_id = $1"
        ))
        .bind(revision);
        within(&mut select, of.siren_number(), of.siren_number());
        select.push(&format!(" ORDER BY {BY_BUDGET} LIMIT "));
        select.push_bind(BUDGETS);
        let found: sqlx::Result<Vec<Body>> = self.engine.all(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        Ok(if found.len() > 1 { found } else { Vec::new() })
    }

    /// The body of a revision that has just one.
    pub async fn only_body(&self, revision: i64) -> Result<Option<Body>> {
        let mut found = self.bodies(revision, "", 0, 2).await?.bodies;
        Ok(if found.len() == 1 { found.pop() } else { None })
    }
}
