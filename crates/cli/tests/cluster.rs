//! The stack on a cluster, with the files of `deploy/`, as processes: a coordinator and two other servers with
//! Citus, which come into each other over TLS with the passwords of the roles. Where the server programs come
//! without Citus, nothing of this is tested: `CENTIME_TEST_POSTGRES_BIN` names a folder of others.

use crate::common::stderr;
use crate::common::team::{Team, healthy, until};
use centime_test_database::has_citus;
use centime_test_input::skipped;

#[test]
fn a_cluster_s_stack_works_and_outlives_each_of_its_servers() {
    if !has_citus() {
        skipped(
            "a cluster of servers",
            "the programs of PostgreSQL have no Citus; see CONTRIBUTING.md",
        );
        return;
    }
    let team = Team::start_cluster();
    let place = &team.place;
    team.roles(None);
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0"]);
    let output = team.run(&portal.address);
    assert!(output.status.success(), "{}", stderr(&output));
    let published = team.analysis("centime");
    assert!(published.contains("211037496.68"), "{published}");

    // The tables were distributed by themselves, and each server is one of the three.
    let config = team.secret("site-config.toml");
    let status = place.stdout(&["db", "status", "--config", &config]);
    assert!(status.contains("centime_site, encrypted"), "{status}");
    assert!(status.contains("servers    3, with Citus"), "{status}");
    let pieces = "SELECT count(DISTINCT nodeport) FROM citus_shards
        WHERE citus_table_type = 'distributed' AND table_name::text = 'slice.line'";
    assert_eq!(team.database.sql("centime", pieces), "2");

    // Whoever is none of the roles, or in the clear, comes into no server.
    for server in &team.workers {
        for (role, mode) in [("centime_reader", "require"), ("postgres", "disable")] {
            let port = server.port();
            let url = format!("postgres://{role}:wrong@localhost:{port}/centime?sslmode={mode}");
            let output = place.output(&["db", "status", "--database", &url]);
            assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
        }
    }

    // A server that is taken in again is the same one.
    team.join();
    let servers = "SELECT count(*) FROM pg_dist_node";
    assert_eq!(team.database.sql("centime", servers), "3");

    // Each server goes as in a power cut and comes back; the site shows what it has, and goes on by itself.
    let site = team.site();
    assert!(healthy(place, &site.address, "/"));
    let reader = team.url("centime_site", "site", "centime");
    let analyse = ["analyse", "yearly-result", "--database", &reader];
    for server in team.workers.iter().chain([&team.database]) {
        server.crash();
        assert!(
            healthy(place, &site.address, "/"),
            "the home page is in memory"
        );
        // Which public bodies there are is on all servers.
        let output = place.output(&analyse);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(5), "{said}");
        assert!(said.contains("cannot be reached"), "{said}");
        server.restart();
        until("coming back", || healthy(place, &site.address, "/lines"));
        assert_eq!(team.analysis("centime"), published);
        let output = team.run(&portal.address);
        assert!(
            stderr(&output).contains("Nothing new"),
            "{}",
            stderr(&output)
        );
    }
}
