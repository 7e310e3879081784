//! Every link of the site leads somewhere: from the home page on, as far as links go.
//!
//! Views can be restricted in more ways than can be followed, so of each kind of address, its path and the names of
//! its parameters, so many are followed, spread over all that are met.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::http::header::{CONTENT_TYPE, LOCATION};
use centime_access::Mode;
use centime_portal_sim::Simulator;
use centime_server::Guard;
use centime_warehouse::{DatabaseUrl, Ledger, OpenMode, Warehouse};

use crate::common::{Bench, header, often_asked, publish, text};

/// What kind of address it is: its path without what numbers and names stand in it, and its parameters' names. A file
/// is of one kind, whatever it is restricted to: the page beside it has the same parameters.
fn kind(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let query = if path.contains('.') { "" } else { query };
    let path: Vec<&str> = path
        .split('/')
        .enumerate()
        .map(|(at, part)| match part {
            part if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) => "0",
            // Lines are named by their codes.
            _ if at == 2 && path.starts_with("/statement/") => "line",
            part => part,
        })
        .collect();
    let names: BTreeSet<&str> = query
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    format!("{}?{}", path.join("/"), names.join("&"))
}

/// What attributes of a page lead to.
fn links(page: &str) -> Vec<String> {
    let mut links = Vec::new();
    for attribute in [" href=\"", " src=\"", " data-charts=\""] {
        for rest in page.split(attribute).skip(1) {
            let link = rest.split('"').next().unwrap_or_default();
            let link = link
                .replace("&amp;", "&")
                .replace("&#38;", "&")
                .replace("&#39;", "'");
            links.push(link);
        }
    }
    links
}

/// Follows links from some addresses on, at most so many of a kind; gives how many were followed and what is wrong.
async fn crawl(bench: &Bench, from: &[&str], most: usize) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let mut seen: BTreeSet<String> = from.iter().map(|one| (*one).to_owned()).collect();
    let mut of_kind: BTreeMap<String, usize> = BTreeMap::new();
    let mut waiting: VecDeque<(String, String)> = from
        .iter()
        .map(|one| ((*one).to_owned(), "the start".to_owned()))
        .collect();
    let mut followed = 0;
    while let Some((address, origin)) = waiting.pop_front() {
        let of_kind = of_kind.entry(kind(&address)).or_default();
        *of_kind += 1;
        if *of_kind > most {
            continue;
        }
        followed += 1;
        let response = bench.get(&address, &[("accept", "text/html")]).await;
        let status = response.status().as_u16();
        if status >= 400 {
            wrong.push(format!(
                "{address} (from {origin}) is answered with {status}"
            ));
            continue;
        }
        if let Some(next) = response.headers().get(LOCATION) {
            let next = next.to_str().unwrap().to_owned();
            if next.starts_with('/') && seen.insert(next.clone()) {
                waiting.push_back((next, address));
            }
            continue;
        }
        if !header(&response, CONTENT_TYPE.as_str()).starts_with("text/html") {
            continue;
        }
        let page = text(response).await;
        for link in links(&page) {
            let (target, fragment) = link.split_once('#').unwrap_or((&link, ""));
            if target.is_empty() && !fragment.is_empty() {
                let id = format!("id=\"{fragment}\"");
                if !page.contains(&id) {
                    wrong.push(format!("{address} has no #{fragment}"));
                }
            }
            if target.starts_with('/')
                && !target.starts_with("//")
                && seen.insert(target.to_owned())
            {
                waiting.push_back((target.to_owned(), address.clone()));
            }
        }
    }
    (followed, wrong)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_the_sample_leads_somewhere() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let (followed, wrong) = crawl(&bench, &["/"], 2).await;
    eprintln!("{followed} links of the sample were followed");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(followed > 250, "{followed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_three_hundred_bodies_leads_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    let url: DatabaseUrl = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let portal = Simulator::sample_of_bodies(300);
    let portal = portal.bind("127.0.0.1:0").await.unwrap();
    publish(&warehouse, &portal.url()).await;
    let ledger = Ledger::open(&url).await.unwrap();
    let guard = Guard::new(often_asked(Mode::Public), Some(ledger.clone()));
    let bench = Bench::of(folder, warehouse, ledger, guard);
    let (followed, wrong) = crawl(&bench, &["/"], 2).await;
    eprintln!("{followed} links of three hundred bodies were followed");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(followed > 120, "{followed}");
}
