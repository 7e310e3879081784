#!/bin/sh
# Run once, by a server with an empty folder: the database of Centime, and that of Metabase itself. The roles
# of Centime are made by `centime db roles`. Passwords are read from files by psql, and are in no command line.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<'SQL'
\set metabase_password `cat /run/secrets/metabase-database`
SET password_encryption = 'scram-sha-256';
SET log_statement = 'none';
CREATE DATABASE centime;
CREATE ROLE metabase LOGIN PASSWORD :'metabase_password';
CREATE DATABASE metabase OWNER metabase;
REVOKE ALL ON DATABASE metabase, centime FROM PUBLIC;
SQL
