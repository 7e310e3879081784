//! The conditions of ODSQL that are understood here: comparisons, `in`, `like`, `is null`, `startswith`, `search`
//! and `year`, joined by `and`, `or` and `not`. Any other is refused rather than ignored.

use std::cmp::Ordering;

use crate::query::Refusal;
use crate::row::Fields;

/// A condition on records.
#[derive(Debug, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare(Operand, Comparison, Literal),
    IsNull(String),
    /// A text with `%` and `_`.
    Like(String, String),
    StartsWith(String, String),
    /// A word anywhere in the record.
    Search(String),
}

/// What is compared.
#[derive(Debug, PartialEq)]
pub(crate) enum Operand {
    Field(String),
    YearOf(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Number(String),
    Text(String),
    Bool(bool),
    /// A day, or less of it: `2024`, `2024-01-31`.
    Date(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    /// A name in back-quotes, which is never a word of the language.
    Quoted(String),
    Literal(Literal),
    Sign(&'static str),
}

const SIGNS: [&str; 11] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ":"];

impl Condition {
    /// Reads a condition. `stored` gives the stored name of a field, or refuses one that there is not.
    pub(crate) fn parse(
        text: &str,
        stored: &dyn Fn(&str) -> Result<String, Refusal>,
    ) -> Result<Self, Refusal> {
        let mut reader = Reader {
            tokens: tokens(text).ok_or_else(|| malformed(text))?,
            at: 0,
            text,
            stored,
        };
        let condition = reader.any()?;
        if reader.at < reader.tokens.len() {
            return Err(malformed(text));
        }
        Ok(condition)
    }

    /// Whether a record meets it.
    pub(crate) fn holds(&self, row: &impl Fields) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(row)),
            Self::Any(any) => any.iter().any(|one| one.holds(row)),
            Self::Not(one) => !one.holds(row),
            Self::IsNull(field) => row.text(field).is_none(),
            Self::Like(field, pattern) => row
                .text(field)
                .is_some_and(|text| is_like(&text.to_lowercase(), &pattern.to_lowercase())),
            Self::StartsWith(field, start) => {
                let text = row.text(field);
                text.is_some_and(|text| text.starts_with(start.as_str()))
            }
            Self::Search(words) => {
                let words = words.to_lowercase();
                let texts = row.texts();
                texts
                    .iter()
                    .any(|text| text.to_lowercase().contains(&words))
            }
            Self::Compare(operand, comparison, literal) => {
                let value = match operand {
                    Operand::Field(name) => row.text(name),
                    Operand::YearOf(name) => {
                        row.text(name).map(|text| text.chars().take(4).collect())
                    }
                };
                // Nothing is neither equal to anything nor different from it.
                value.is_some_and(|value| comparison.holds(literal.compared_with(&value)))
            }
        }
    }

    /// The value that a field must have for the condition to hold, where it must have one.
    pub(crate) fn required(&self, field: &str) -> Option<&str> {
        match self {
            Self::All(all) => all.iter().find_map(|one| one.required(field)),
            Self::Compare(
                Operand::Field(name),
                Comparison::Equal,
                Literal::Text(text) | Literal::Number(text),
            ) if name == field => Some(text),
            _ => None,
        }
    }

    /// Refuses comparisons of a field with what is of another type, as the portal of the DGFiP does. `kind` gives the
    /// type of a field.
    pub(crate) fn check_types(
        &self,
        kind: &dyn Fn(&str) -> Option<&'static str>,
    ) -> Result<(), Refusal> {
        match self {
            Self::All(all) | Self::Any(all) => all.iter().try_for_each(|one| one.check_types(kind)),
            Self::Not(one) => one.check_types(kind),
            Self::Compare(operand, _, literal) => {
                let (field, kind) = match operand {
                    Operand::Field(field) => (field, kind(field)),
                    Operand::YearOf(field) => (field, Some("int")),
                };
                let is_right = match (kind, literal) {
                    (Some("date" | "datetime"), literal) => matches!(literal, Literal::Date(_)),
                    (Some("text"), literal) => matches!(literal, Literal::Text(_)),
                    (Some("int" | "double"), literal) => matches!(literal, Literal::Number(_)),
                    _ => true,
                };
                if is_right {
                    Ok(())
                } else {
                    Err(Refusal::incompatible_types(field))
                }
            }
            _ => Ok(()),
        }
    }
}

impl Comparison {
    fn holds(self, ordering: Option<Ordering>) -> bool {
        ordering.is_some_and(|ordering| match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::More => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        })
    }
}

impl Literal {
    /// How a value compares with it.
    fn compared_with(&self, value: &str) -> Option<Ordering> {
        match self {
            Self::Text(text) => Some(value.cmp(text.as_str())),
            Self::Date(day) => Some(whole_day(value).cmp(&whole_day(day))),
            Self::Bool(flag) => Some(value.cmp(if *flag { "true" } else { "false" })),
            Self::Number(number) => {
                // Only a comparison passes through a binary number: what is served is the text.
                let (value, number): (f64, f64) = (value.parse().ok()?, number.parse().ok()?);
                Some(value.total_cmp(&number))
            }
        }
    }
}

/// A year or a month as its first day.
fn whole_day(text: &str) -> String {
    match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    }
}

fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('%') => {
            let rest = &pattern[1..];
            let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            starts.any(|at| is_like(&text[at..], rest))
        }
        Some(wanted) => {
            let mut letters = text.chars();
            letters.next().is_some_and(|letter| {
                (wanted == '_' || letter == wanted)
                    && is_like(letters.as_str(), &pattern[wanted.len_utf8()..])
            })
        }
    }
}

fn malformed(text: &str) -> Refusal {
    Refusal::odsql(format!(
        "ODSQL query is malformed: {text}. Clause(s) containing the error(s): where."
    ))
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(letter) = rest.chars().next() {
        let (token, after) = match letter {
            '"' | '\'' => {
                let (text, after) = quoted(rest, letter)?;
                (Token::Literal(Literal::Text(text)), after)
            }
            '`' => {
                let (name, after) = rest[1..].split_once('`')?;
                (Token::Quoted(name.to_owned()), after)
            }
            _ if letter.is_ascii_digit() || letter == '-' => {
                let end = rest[1..]
                    .find(|c: char| !c.is_ascii_digit() && c != '.')
                    .map_or(rest.len(), |at| at + 1);
                let (number, after) = rest.split_at(end);
                (Token::Literal(Literal::Number(number.to_owned())), after)
            }
            _ if letter.is_alphabetic() || letter == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
                let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
                (Token::Name(name.to_owned()), after)
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign))?;
                (Token::Sign(sign), &rest[sign.len()..])
            }
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

/// A text between quotation marks, and what follows it.
fn quoted(text: &str, mark: char) -> Option<(String, &str)> {
    let mut content = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => content.push(letters.next()?.1),
            _ if letter == mark => return Some((content, &text[at + mark.len_utf8()..])),
            _ => content.push(letter),
        }
    }
    None
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    text: &'a str,
    stored: &'a dyn Fn(&str) -> Result<String, Refusal>,
}

impl Reader<'_> {
    fn any(&mut self) -> Result<Condition, Refusal> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, Refusal> {
        let mut parts = vec![self.one()?];
        while self.word("and") {
            parts.push(self.one()?);
        }
        Ok(one_or(parts, Condition::All))
    }

    fn one(&mut self) -> Result<Condition, Refusal> {
        if self.word("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.sign("(") {
            let inner = self.any()?;
            self.expect(")")?;
            return Ok(inner);
        }
        match self.next()? {
            Token::Literal(Literal::Text(words)) => Ok(Condition::Search(words)),
            Token::Quoted(name) => self.about(Operand::Field((self.stored)(&name)?)),
            Token::Name(name) => match name.to_ascii_lowercase().as_str() {
                "search" => {
                    self.expect("(")?;
                    let words = self.text()?;
                    self.expect(")")?;
                    Ok(Condition::Search(words))
                }
                "startswith" => {
                    self.expect("(")?;
                    let field = self.field()?;
                    self.expect(",")?;
                    let start = self.text()?;
                    self.expect(")")?;
                    Ok(Condition::StartsWith(field, start))
                }
                "year" if self.sign("(") => {
                    let field = self.field()?;
                    self.expect(")")?;
                    self.about(Operand::YearOf(field))
                }
                _ => self.about(Operand::Field((self.stored)(&name)?)),
            },
            _ => Err(self.malformed()),
        }
    }

    /// What is said of a field.
    fn about(&mut self, operand: Operand) -> Result<Condition, Refusal> {
        if let Operand::Field(field) = &operand {
            if self.word("is") {
                let not = self.word("not");
                if !self.word("null") {
                    return Err(self.malformed());
                }
                let null = Condition::IsNull(field.clone());
                return Ok(if not {
                    Condition::Not(Box::new(null))
                } else {
                    null
                });
            }
            if self.word("like") {
                return Ok(Condition::Like(field.clone(), self.text()?));
            }
            if self.word("in") {
                self.expect("(")?;
                let mut any = Vec::new();
                loop {
                    let literal = self.literal()?;
                    let field = Operand::Field(field.clone());
                    any.push(Condition::Compare(field, Comparison::Equal, literal));
                    if !self.sign(",") {
                        break;
                    }
                }
                self.expect(")")?;
                return Ok(Condition::Any(any));
            }
        }
        let comparison = match self.next()? {
            Token::Sign("=" | ":") => Comparison::Equal,
            Token::Sign("!=" | "<>") => Comparison::NotEqual,
            Token::Sign("<") => Comparison::Less,
            Token::Sign("<=") => Comparison::AtMost,
            Token::Sign(">") => Comparison::More,
            Token::Sign(">=") => Comparison::AtLeast,
            _ => return Err(self.malformed()),
        };
        Ok(Condition::Compare(operand, comparison, self.literal()?))
    }

    fn literal(&mut self) -> Result<Literal, Refusal> {
        match self.next()? {
            Token::Literal(literal) => Ok(literal),
            Token::Name(name) if name.eq_ignore_ascii_case("true") => Ok(Literal::Bool(true)),
            Token::Name(name) if name.eq_ignore_ascii_case("false") => Ok(Literal::Bool(false)),
            // A day, as in date'2024-01-01'.
            Token::Name(name) if name.eq_ignore_ascii_case("date") => {
                Ok(Literal::Date(self.text()?))
            }
            _ => Err(self.malformed()),
        }
    }

    fn field(&mut self) -> Result<String, Refusal> {
        match self.next()? {
            Token::Name(name) | Token::Quoted(name) => (self.stored)(&name),
            _ => Err(self.malformed()),
        }
    }

    fn text(&mut self) -> Result<String, Refusal> {
        match self.next()? {
            Token::Literal(Literal::Text(text)) => Ok(text),
            _ => Err(self.malformed()),
        }
    }

    fn next(&mut self) -> Result<Token, Refusal> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token.ok_or_else(|| self.malformed())
    }

    fn word(&mut self, word: &str) -> bool {
        let is_next = matches!(self.tokens.get(self.at), Some(Token::Name(name)) if name.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is_next =
            matches!(self.tokens.get(self.at), Some(Token::Sign(other)) if *other == sign);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), Refusal> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.malformed())
        }
    }

    fn malformed(&self) -> Refusal {
        malformed(self.text)
    }
}

fn one_or(mut parts: Vec<Condition>, several: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            several(parts)
        }
        None => several(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Row;

    fn holds(condition: &str) -> bool {
        let row: Row = serde_json::from_str(
            r#"{"nature": "CA", "montant": -12.5, "exercice": "2023-01-01", "vide": null, "2013": "x",
                "nom": "Eau d'Essai", "vrai": true}"#,
        )
        .unwrap();
        let stored = |name: &str| match row.get(name) {
            Some(_) => Ok(name.to_owned()),
            None => Err(Refusal::odsql("Unknown field")),
        };
        Condition::parse(condition, &stored).unwrap().holds(&row)
    }

    #[test]
    fn conditions_hold_or_do_not() {
        for condition in [
            "nature = 'CA'",
            "nature=\"CA\"",
            "nature:'CA'",
            "nature != 'BP'",
            "montant < 0 and nature in ('BP', 'CA')",
            "not (nature = 'BP' or montant > 0)",
            "NOT nature = 'BP' AND vide IS NULL",
            "nature is not null",
            "year(exercice) = 2023",
            "exercice >= date'2023-01-01'",
            "exercice = date'2023'",
            "`2013` = 'x'",
            "nom like 'eau%'",
            "startswith(nom, 'Eau')",
            "nom = \"Eau d'Essai\"",
            "nom = 'Eau d\\'Essai'",
            "vrai = true",
            "search('essai')",
            "'essai'",
        ] {
            assert!(holds(condition), "{condition}");
        }
        for condition in [
            "nature = 'BP'",
            "vide = 'x'",
            "vide != 'x'",
            "montant >= 0",
            "nature = 'CA' and montant = 0",
            "nom like 'ea_'",
        ] {
            assert!(!holds(condition), "{condition}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        let known = |name: &str| match name {
            "a" => Ok("a".to_owned()),
            _ => Err(Refusal::odsql("Unknown field")),
        };
        for text in [
            "", "a", "a =", "a = 'x", "a == 1", "b = 1", "(a = 1", "a = 1)", "a = 1 or", "a in ()",
            "a = b", "select a",
        ] {
            assert!(Condition::parse(text, &known).is_err(), "{text}");
        }
    }
}
