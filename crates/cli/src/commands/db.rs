//! `centime db`: what those who keep the database need.

use std::io::Write;
use std::path::PathBuf;

use centime_warehouse::roles::Passwords;
use centime_warehouse::{Model, OpenMode, Warehouse};

use crate::args::{Db, Roles};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::print_stderr;
use crate::secret::{Kind, from_file};
use crate::stdout::stdout;

/// Does what is asked with the database.
pub async fn db(config: &Config, db: &Db) -> Result<(), Failure> {
    let sample = matches!(db, Db::Status(status) if status.sample);
    let url = config.database(sample)?;
    let models = config.catalogue()?.models();
    match db {
        Db::Migrate => {
            let warehouse = Warehouse::open(&url, OpenMode::Write).await?;
            let made = warehouse.prepare_marts(&models).await;
            warehouse.close().await;
            made?;
            say(
                config,
                &format!(
                    "The tables of {} are those of this version.",
                    warehouse.name()
                ),
            );
        }
        Db::Status(_) => status(&Warehouse::open(&url, OpenMode::Read).await?, &models).await?,
        Db::Distribute => {
            let warehouse = Warehouse::open(&url, OpenMode::Write).await?;
            warehouse.prepare_marts(&models).await?;
            warehouse.distribute().await?;
            say(
                config,
                &format!("The tables of {} are distributed.", warehouse.name()),
            );
        }
        Db::Roles(roles) => {
            let passwords = passwords(config, roles)?;
            let warehouse = Warehouse::open(&url, OpenMode::Write).await?;
            warehouse.prepare_marts(&models).await?;
            warehouse.make_roles(&passwords).await?;
            say(
                config,
                &format!(
                    "The roles centime_owner, centime_loader, centime_site and centime_reader have their rights in {}.",
                    warehouse.name()
                ),
            );
        }
        Db::Rekey(rekey) => {
            let new = config.new_key(rekey.new_key_file.as_deref())?;
            let said = match (&new, rekey.decrypt) {
                (Some(_), false) => "is encrypted with the new key",
                (None, true) => "is not encrypted any more",
                (Some(_), true) => {
                    let both = "a new key and --decrypt: give one of them";
                    return Err(Failure::Usage(both.to_owned()));
                }
                (None, false) => {
                    let none = "no new key: make one with `openssl rand -hex 32` and name its file with --new-key-file, or set CENTIME_NEW_DATABASE_KEY";
                    return Err(Failure::Usage(none.to_owned()));
                }
            };
            centime_warehouse::rekey(&url, new.as_ref()).await?;
            say(config, &format!("{} {said}.", url.name()));
        }
    }
    Ok(())
}

fn say(config: &Config, text: &str) {
    if !config.quiet {
        print_stderr(text);
    }
}

async fn status(warehouse: &Warehouse, models: &[Model]) -> Result<(), Failure> {
    let status = warehouse.status().await?;
    let current = warehouse.check_marts(models).await;
    let mut out = stdout();
    writeln!(out, "database   {}", warehouse.name())?;
    writeln!(out, "engine     {}", status.engine)?;
    if let (Some(user), Some(encrypted)) = (&status.user, status.encrypted) {
        let how = if encrypted {
            "encrypted"
        } else {
            "not encrypted"
        };
        writeln!(out, "user       {user}, {how}")?;
    }
    if let Some(servers) = status.servers {
        writeln!(out, "servers    {servers}, with Citus")?;
    }
    let analyses = match current {
        Ok(()) => "those of this version".to_owned(),
        Err(error) => error.to_string(),
    };
    writeln!(out, "analyses   {analyses}")?;
    match &status.published {
        Some(revision) => writeln!(
            out,
            "published  revision {}, {}: {} lines of {} public bodies",
            revision.id, revision.published_at, status.lines, status.bodies
        )?,
        None => writeln!(out, "published  nothing yet")?,
    }
    writeln!(
        out,
        "kept       {} revisions, {} bytes in all",
        status.revisions, status.bytes
    )?;
    out.flush()?;
    Ok(())
}

fn passwords(config: &Config, roles: &Roles) -> Result<Passwords, Failure> {
    let files = [
        &roles.owner_password_file,
        &roles.loader_password_file,
        &roles.reader_password_file,
        &roles.site_password_file,
    ];
    config.warn_of(files.into_iter().filter_map(|file| file.as_deref()));
    let read = |path: &Option<PathBuf>| {
        let secret = path
            .as_deref()
            .map(|path| from_file(Kind::AsciiPassword, path));
        let secret = secret.transpose()?;
        Ok::<_, Failure>(secret.map(|secret| secret.reveal().to_owned()))
    };
    Ok(Passwords {
        owner: read(&roles.owner_password_file)?,
        loader: read(&roles.loader_password_file)?,
        reader: read(&roles.reader_password_file)?,
        site: read(&roles.site_password_file)?,
    })
}
