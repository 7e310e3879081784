//! The roles of a PostgreSQL database: who may do what.

use std::fmt::Write;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use sqlx::PgPool;

use crate::engine::Engine;
use crate::{Error, Result, Warehouse};

/// The role that owns schemas and tables. Those who migrate are members of it; it cannot log in itself, but
/// on a cluster, whose servers work on each other as this role.
pub const OWNER: &str = "centime_owner";
/// The role of the pipeline: it writes revisions, and makes or changes no table.
pub const LOADER: &str = "centime_loader";
/// The role of Metabase and of people: it reads what is published, and nothing of who comes in.
pub const READER: &str = "centime_reader";
/// The role of the site: it reads, lets in those with a token, and notes what they did.
pub const SITE: &str = "centime_site";

/// The SQL that makes the roles what they are, however they were before. `{database}` stands for the
/// name of the database, and the names of the roles for themselves.
const SQL: &str = include_str!("roles.sql");

/// How many rounds a password is hashed: what PostgreSQL does by default.
const ROUNDS: u32 = 4096;

/// The passwords to set. Without one a role keeps the one it has.
#[derive(Clone, Default)]
pub struct Passwords {
    /// Of the owner, as which the servers of a cluster come into each other; elsewhere it cannot log in.
    pub owner: Option<String>,
    /// Of the loader.
    pub loader: Option<String>,
    /// Of the reader.
    pub reader: Option<String>,
    /// Of the site.
    pub site: Option<String>,
}

impl Warehouse {
    /// Makes the roles of the database, gives them their rights and takes all others away. Running it
    /// again changes nothing but passwords. Needs a user that may create roles and to whom the database belongs; a
    /// superuser it need not be.
    pub async fn make_roles(&self, passwords: &Passwords) -> Result<()> {
        let Engine::Postgres(pool) = &self.engine else {
            return Err(Error::NoRoles {
                database: self.name().to_owned(),
            });
        };
        self.try_make_roles(pool, passwords)
            .await
            .map_err(|error| self.failed(error))
    }

    async fn try_make_roles(&self, pool: &PgPool, passwords: &Passwords) -> sqlx::Result<()> {
        let (database,): (String,) = sqlx::query_as("SELECT quote_ident(current_database())")
            .fetch_one(pool)
            .await?;
        let mut script = SQL.replace("{database}", &database);
        for (role, password) in [
            (OWNER, &passwords.owner),
            (LOADER, &passwords.loader),
            (READER, &passwords.reader),
            (SITE, &passwords.site),
        ] {
            let Some(password) = password else { continue };
            let (salt,): (Vec<u8>,) = sqlx::query_as("SELECT uuid_send(gen_random_uuid())")
                .fetch_one(pool)
                .await?;
            // Writing to a string cannot fail.
            let _ = writeln!(
                script,
                "ALTER ROLE {role} PASSWORD '{}';",
                verifier(password, &salt)
            );
        }
        let mut transaction = self.engine.begin().await?;
        transaction.script(&script).await?;
        transaction.commit().await
    }
}

/// What the server keeps of a password, so that the password itself never leaves this process and is
/// in no log: RFC 5802 and RFC 7677, as PostgreSQL writes it.
fn verifier(password: &str, salt: &[u8]) -> String {
    let mut block = salt.to_vec();
    block.extend_from_slice(&1_u32.to_be_bytes());
    let mut round = hmac(password.as_bytes(), &block);
    let mut salted = round;
    for _ in 1..ROUNDS {
        round = hmac(password.as_bytes(), &round);
        for (byte, other) in salted.iter_mut().zip(round) {
            *byte ^= other;
        }
    }
    let stored = Sha256::digest(hmac(&salted, b"Client Key"));
    let server = hmac(&salted, b"Server Key");
    format!(
        "SCRAM-SHA-256${ROUNDS}:{}${}:{}",
        BASE64_STANDARD.encode(salt),
        BASE64_STANDARD.encode(stored),
        BASE64_STANDARD.encode(server)
    )
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is allowed");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_that_of_the_standard() {
        // The example of RFC 7677, section 3: user «user», password «pencil».
        let salt = BASE64_STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        assert_eq!(
            verifier("pencil", &salt),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==\
             $WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
    }
}
