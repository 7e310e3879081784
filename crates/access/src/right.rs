//! What may be done, by which role, and what the site leaves open.

use std::fmt;
use std::str::FromStr;

/// Something that may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Read what is published.
    Read,
    /// Take away lines as a file, and records as the portal sent them.
    Export,
    /// Ask for a report to be made.
    Report,
    /// Ask what is published with SQL of one's own.
    AskSql,
    /// Read how the site is doing.
    Observe,
    /// Start a run of the pipeline.
    StartRuns,
    /// Make, list and revoke tokens.
    ManageTokens,
    /// Read who did what.
    ReadAudit,
}

/// What a token is for. Each role may do all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads what is published.
    Viewer,
    /// Also takes lines away and asks for reports.
    Analyst,
    /// Also starts runs, manages tokens and reads the audit log.
    Admin,
}

/// How open the site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Reading is open; the rest needs a token.
    Public,
    /// Everything but health needs a token.
    Token,
}

/// What an address asks of its visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Nothing: health, the page to log in, and what that page is made of.
    Anyone,
    /// This right.
    Needs(Right),
}

/// Whether a visitor may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Go on.
    Allowed,
    /// Not without saying who is asking.
    WhoIsIt,
    /// Not with this role.
    NotAllowed,
}

/// Why a text is not one of our words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("«{given}» is not {what}: expected {expected}")]
pub struct UnknownWord {
    given: String,
    what: &'static str,
    expected: &'static str,
}

impl Right {
    /// All rights.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Export,
        Self::Report,
        Self::AskSql,
        Self::Observe,
        Self::StartRuns,
        Self::ManageTokens,
        Self::ReadAudit,
    ];

    /// The first role that has it.
    pub const fn from(self) -> Role {
        match self {
            Self::Read | Self::Observe => Role::Viewer,
            Self::Export | Self::Report | Self::AskSql => Role::Analyst,
            Self::StartRuns | Self::ManageTokens | Self::ReadAudit => Role::Admin,
        }
    }

    /// Whether a public site gives it to everyone. What is published is open data, so that taking it
    /// away counts as reading it; making a report is work done on request.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Read | Self::Export)
    }
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Analyst, Self::Admin];

    /// The name on the command line and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }

    /// Whether it may do this.
    pub fn may(self, right: Right) -> bool {
        self >= right.from()
    }
}

impl Mode {
    /// Both modes.
    pub const ALL: [Self; 2] = [Self::Public, Self::Token];

    /// The name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Token => "token",
        }
    }

    /// Whether a visitor may pass a rule. `shown` is the role of the token, `None` without one.
    pub fn decide(self, rule: Rule, shown: Option<Role>) -> Verdict {
        let right = match rule {
            Rule::Anyone => return Verdict::Allowed,
            Rule::Needs(right) => right,
        };
        if self == Self::Public && right.is_public() {
            return Verdict::Allowed;
        }
        match shown {
            None => Verdict::WhoIsIt,
            Some(known) if known.may(right) => Verdict::Allowed,
            Some(_) => Verdict::NotAllowed,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or_else(|| UnknownWord {
            given: text.to_owned(),
            what: "a role",
            expected: "viewer, analyst or admin",
        })
    }
}

impl FromStr for Mode {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|mode| mode.name() == text);
        found.ok_or_else(|| UnknownWord {
            given: text.to_owned(),
            what: "a kind of access",
            expected: "public or token",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_what_the_one_before_it_may() {
        let may = |role: Role| Right::ALL.map(|right| role.may(right));
        // Read, Export, Report, AskSql, Observe, StartRuns, ManageTokens, ReadAudit.
        assert_eq!(
            may(Role::Viewer),
            [true, false, false, false, true, false, false, false]
        );
        assert_eq!(
            may(Role::Analyst),
            [true, true, true, true, true, false, false, false]
        );
        assert_eq!(may(Role::Admin), [true; 8]);
    }

    #[test]
    fn a_public_site_opens_reading_and_nothing_else() {
        for right in Right::ALL {
            let open = matches!(right, Right::Read | Right::Export);
            let rule = Rule::Needs(right);
            let expected = if open {
                Verdict::Allowed
            } else {
                Verdict::WhoIsIt
            };
            assert_eq!(Mode::Public.decide(rule, None), expected, "{right:?}");
            assert_eq!(Mode::Token.decide(rule, None), Verdict::WhoIsIt);
            for role in Role::ALL {
                let allowed = role.may(right) || open;
                let expected = if allowed {
                    Verdict::Allowed
                } else {
                    Verdict::NotAllowed
                };
                assert_eq!(Mode::Public.decide(rule, Some(role)), expected);
                let expected = if role.may(right) {
                    Verdict::Allowed
                } else {
                    Verdict::NotAllowed
                };
                assert_eq!(Mode::Token.decide(rule, Some(role)), expected);
            }
        }
        for mode in Mode::ALL {
            assert_eq!(mode.decide(Rule::Anyone, None), Verdict::Allowed);
        }
    }

    #[test]
    fn names_are_read_again() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        for mode in Mode::ALL {
            assert_eq!(mode.name().parse(), Ok(mode));
        }
        assert!("Admin".parse::<Role>().is_err());
        assert!("".parse::<Mode>().is_err());
    }
}
