//! What those who make and write tables of PostgreSQL tell the server first.

/// Makes what is made next belong to the owner, where this database has one and the user may act for
/// it. From version 16 on a membership may come without the right to act.
pub(crate) const AS_OWNER: &str = "DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_roles
               WHERE rolname = 'centime_owner' AND pg_catalog.pg_has_role(oid,
                       CASE WHEN pg_catalog.current_setting('server_version_num')::int >= 160000
                           THEN 'SET' ELSE 'MEMBER' END)
                   AND pg_catalog.has_database_privilege(
                       oid, pg_catalog.current_database(), 'CREATE')) THEN
        SET ROLE centime_owner;
    END IF;
END $$";

/// Makes others who make tables wait until the transaction ends.
pub(crate) const MAKING_TABLES: &str = "SELECT pg_advisory_xact_lock(1128615501)";

/// Distributes tables over the servers of a cluster, where there is one.
pub(crate) const DISTRIBUTE: &str = "SELECT ops.distribute() WHERE ops.has_citus()";

/// Makes a transaction of a cluster keep to one connection to each server, over which it sees all that it
/// has written there. It changes nothing where there is no cluster.
pub(crate) const ACROSS_SERVERS: &str =
    "SELECT set_config('citus.multi_shard_modify_mode', 'sequential', true),
            set_config('citus.enable_local_execution', 'off', true)
     WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";
