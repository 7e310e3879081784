//! Where the site is served, who may read it, and its limits.

use centime_access::Mode;
use centime_server::{Base, FooterLink, MOST_LINKS, Rate, Settings, Tls};

use super::defaults::DEFAULT_LISTEN;
use super::file::{LinkTable, MetabaseTable};
use super::{Config, metabase};
use crate::args::ListenArgs;
use crate::failure::Failure;

impl Config {
    /// The address to listen on.
    pub fn listen(&self, at: &ListenArgs) -> String {
        self.listens(at.listen.as_deref())
    }

    /// Whether the address to listen on is set.
    pub fn chooses_listen(&self, at: &ListenArgs) -> bool {
        at.listen.is_some() || self.file.listen.is_some()
    }

    /// The address that a site listens on, with this flag.
    pub fn listens(&self, flag: Option<&str>) -> String {
        flag.map(str::to_owned)
            .or_else(|| self.file.listen.clone())
            .unwrap_or_else(|| DEFAULT_LISTEN.to_owned())
    }

    /// Who may read; `None` where it is not set.
    pub fn access(&self, at: &ListenArgs) -> Result<Option<Mode>, Failure> {
        let text = at.access.as_ref().or(self.file.access.as_ref());
        let mode = text.map(|text| text.parse::<Mode>()).transpose();
        mode.map_err(|error| Failure::Usage(error.to_string()))
    }

    /// Whether the configuration file closes a site that a flag or the environment opens, so that the
    /// file alone is misleading.
    pub fn is_opened(&self, at: &ListenArgs) -> bool {
        let mode = |text: Option<&str>| text.and_then(|text| text.parse::<Mode>().ok());
        mode(at.access.as_deref()) == Some(Mode::Public)
            && mode(self.file.access.as_deref()) == Some(Mode::Token)
    }

    /// The certificate of the site, where it has one.
    pub fn tls(&self) -> Result<Option<Tls>, Failure> {
        let tls = self.file.tls.as_ref();
        let tls = tls.map(|tls| Tls::open(&tls.certificate, &tls.key));
        tls.transpose()
            .map_err(|error| Failure::Usage(error.to_string()))
    }

    /// Whether the site speaks HTTPS itself.
    pub const fn is_https(&self) -> bool {
        self.file.tls.is_some()
    }

    /// The address where plain HTTP is redirected to HTTPS.
    pub fn redirect(&self) -> Option<&str> {
        self.file.tls.as_ref()?.redirect.as_deref()
    }

    /// What is said of Metabase.
    pub const fn metabase(&self) -> &MetabaseTable {
        &self.file.metabase
    }

    /// The settings of the site.
    pub fn site(&self, mode: Mode) -> Result<Settings, Failure> {
        let site = &self.file.site;
        for origin in &site.frame_ancestors {
            let plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, ';' | ',');
            if origin.is_empty() || !origin.chars().all(plain) {
                return Err(Failure::Usage(format!(
                    "«{origin}» cannot show pages in a frame: expected an origin such as https://intranet.example.fr"
                )));
            }
        }
        let public_address = site.public_address.as_deref().map(public_address);
        let usual = Settings::default();
        let at_least_one = |given: Option<usize>, usual: usize| given.unwrap_or(usual).max(1);
        Ok(Settings {
            mode,
            trusted_proxies: site.trusted_proxies.clone(),
            frame_ancestors: site.frame_ancestors.clone(),
            metabase: metabase::frame(&self.file.metabase)?,
            public_address: public_address.transpose()?,
            links: self.links()?,
            https: self.file.tls.is_some(),
            rate: Rate {
                per_second: site.requests_per_second.unwrap_or(usual.rate.per_second),
                burst: site.burst.unwrap_or(usual.rate.burst),
            },
            connections: at_least_one(site.connections, usual.connections),
            connections_each: at_least_one(site.connections_each, usual.connections_each),
            heavy: at_least_one(site.heavy, usual.heavy),
            cache: site
                .cache_mebibytes
                .map_or(usual.cache, |mebibytes| mebibytes.saturating_mul(1 << 20)),
            ..usual
        })
    }

    /// The links at the foot of every page.
    pub fn links(&self) -> Result<Vec<FooterLink>, Failure> {
        let links = &self.file.site.links;
        if links.len() > MOST_LINKS {
            return Err(Failure::Usage(format!(
                "[[site.links]] is there {} times: a page shows at most {MOST_LINKS} links at its foot",
                links.len()
            )));
        }
        let link = |table: &LinkTable| FooterLink {
            french: table.fr.clone(),
            english: table.en.clone(),
            address: table.address.clone(),
        };
        Ok(links.iter().map(link).collect())
    }
}

/// An address of a site, without a slash at its end.
fn public_address(text: &str) -> Result<String, Failure> {
    let wrong = |expected: &str| {
        // A password in it must not get into a log.
        let shown = text.rsplit_once('@').map_or(text, |(_, host)| host);
        Failure::Usage(format!(
            "site.public_address = «{shown}»: expected {expected}"
        ))
    };
    let address = text.strip_suffix('/').unwrap_or(text);
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .unwrap_or_default();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-.:[]_".contains(letter);
    if host.is_empty() || !host.chars().all(plain) {
        return Err(wrong(
            "an address such as https://comptes.example.fr or https://town.example/comptes",
        ));
    }
    match Base::parse(path) {
        Some(base) if base.is_own() => Err(wrong(&format!(
            "a path that does not begin as one of the site's own, which {base} does"
        ))),
        Some(_) => Ok(address.to_owned()),
        None => Err(wrong(
            "a plain path behind the host, of letters, digits and -._~, such as /comptes",
        )),
    }
}

#[cfg(test)]
mod tests {
    use centime_analytics::Language;

    use super::*;
    use crate::config::parse::parse;
    use crate::config::tests::config;

    #[test]
    fn the_site_s_settings_are_read_and_wrong_ones_refused() {
        let text = "access = \"token\"\n[site]\ntrusted_proxies = [\"10.0.0.0/8\"]\nburst = 7\n\
            frame_ancestors = [\"https://intranet.example.fr\"]";
        let with = |file| Config::of_file(file);
        let at = ListenArgs {
            listen: None,
            access: None,
            allow_public: false,
        };
        let read = with(config(text).unwrap());
        assert_eq!(read.access(&at).unwrap(), Some(Mode::Token));
        let site = read.site(Mode::Token).unwrap();
        assert_eq!(site.rate.burst.get(), 7);
        assert_eq!(site.trusted_proxies.len(), 1);
        assert!(!site.https);
        for wrong in [
            "[site]\ntrusted_proxies = [\"10.0.0.0/33\"]",
            "[site]\nburst = 0",
            "[site]\nbrust = 1",
            "[tls]\ncertificate = \"a\"",
        ] {
            assert!(config(wrong).is_err(), "{wrong}");
        }
        for wrong in ["a; script-src *", "", "a b"] {
            let file = config(&format!("[site]\nframe_ancestors = [\"{wrong}\"]")).unwrap();
            assert!(with(file).site(Mode::Token).is_err(), "{wrong}");
        }
        for (given, read) in [
            (
                "https://comptes.example.fr/",
                Some("https://comptes.example.fr"),
            ),
            ("http://[::1]:8080", Some("http://[::1]:8080")),
            ("comptes.example.fr", None),
            ("https://", None),
            (
                "https://town.example/ville/comptes/",
                Some("https://town.example/ville/comptes"),
            ),
            ("https://example.fr/x\\\"", None),
            ("https://example.fr//x", None),
            ("https://example.fr/a/../x", None),
            ("https://example.fr/é", None),
            ("https://example.fr/x?y", None),
            ("https://evil@example.fr/x", None),
            ("https://example.fr/dashboard", None),
            ("https://example.fr/api/comptes", None),
        ] {
            let file = config(&format!("[site]\npublic_address = \"{given}\"")).unwrap();
            let found = with(file).site(Mode::Public).ok();
            let found = found.and_then(|site| site.public_address);
            assert_eq!(found.as_deref(), read, "{given}");
        }
        let wrong = with(config("access = \"open\"").unwrap());
        assert!(wrong.access(&at).is_err());
    }

    #[test]
    fn links_at_the_foot_of_pages_are_read_or_refused_with_their_line() {
        let link = |address: &str| {
            format!(
                "[[site.links]]\nfr = \"Mentions légales\"\nen = \"Legal notice\"\naddress = \"{address}\"\n"
            )
        };
        let with = |text: &str| parse(text.as_bytes()).map(Config::of_file);
        let text = [
            "https://ville.example/legal",
            "mailto:a@ville.example",
            "/contact",
        ]
        .map(link);
        let site = with(&text.concat()).unwrap().site(Mode::Public).unwrap();
        let found: Vec<&str> = site.links.iter().map(FooterLink::address).collect();
        assert_eq!(
            found,
            [
                "https://ville.example/legal",
                "mailto:a@ville.example",
                "/contact"
            ]
        );
        assert_eq!(site.links[0].title(Language::French), "Mentions légales");
        assert_eq!(site.links[0].title(Language::English), "Legal notice");
        let good = link("/contact");
        for (text, words) in [
            (
                link("javascript:alert(1)"),
                "«javascript:alert(1)» is no address",
            ),
            (link("data:text/html,x"), "«data:text/html,x» is no address"),
            (good.replace("Legal notice", " "), "is no title"),
            (
                good.replace("en = \"Legal notice\"\n", ""),
                "missing field `en`",
            ),
            (good.replace("address", "adress"), "adress"),
            (good.replace("[[site.links]]", "[site.links]"), "links"),
        ] {
            let message = with(&text).unwrap_err();
            assert!(
                message.contains(words) && message.contains("line "),
                "{message}"
            );
        }
        let message = with(&link("javascript:alert(1)")).unwrap_err();
        assert!(message.contains("line 4"), "{message}");
        let many = with(&good.repeat(MOST_LINKS + 1)).unwrap();
        assert!(many.site(Mode::Public).is_err());
        assert!(with(&good.repeat(MOST_LINKS)).unwrap().links().is_ok());
    }

    #[test]
    fn a_wrong_address_is_reported_without_its_password() {
        let file = config("[site]\npublic_address = \"https://me:s3cret@a\"").unwrap();
        let config = Config::of_file(file);
        let failure = config.site(Mode::Public).unwrap_err().to_string();
        assert!(!failure.contains("s3cret"), "{failure}");
    }
}
