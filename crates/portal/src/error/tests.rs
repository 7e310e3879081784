use super::*;

#[test]
fn excerpts_are_short_and_printable() {
    assert_eq!(excerpt(" a\r\n\tb\u{1b}[31m "), "a b [31m");
    let long = excerpt(&"é".repeat(5000));
    assert_eq!(long.chars().count(), 120);
    assert!(long.ends_with('…'));
}

#[test]
fn messages_name_what_where_and_the_remedy() {
    let error = Error::QuotaExhausted {
        host: "opendata.example".into(),
        until: Some("2026-01-26T00:00:00Z".parse().unwrap()),
        message: Some("Too many requests".into()),
        keyed: false,
    };
    assert_eq!(
        error.to_string(),
        "opendata.example refused the request as one too many (\"Too many requests\"), until \
         2026-01-26T00:00:00Z; wait until then, or give an API key, which has a quota of its \
         own"
    );
    assert!(!error.is_transient());
    let error = Error::Truncated {
        rows: 1,
        reason: "the last line stops midway".into(),
    };
    assert_eq!(
        error.to_string(),
        "the retrieval was cut short after 1 record: the last line stops midway"
    );
    assert!(error.is_transient());
}

#[test]
fn the_remedy_is_the_end_of_the_message() {
    let errors = [
        Error::InvalidApiKey,
        Error::UnknownDataset {
            id: "x".into(),
            portal: "https://a".into(),
        },
        Error::Unauthorized {
            status: 401,
            url: "https://a".into(),
            keyed: true,
        },
        Error::TooManyForPaging {
            id: "x".into(),
            total: 10_001,
            limit: 10_000,
        },
    ];
    for error in errors {
        let remedy = error.remedy().unwrap();
        assert!(error.to_string().ends_with(remedy), "{error}");
    }
}

#[test]
fn giving_up_is_final() {
    let error = Error::TooManyRetries {
        attempts: 5,
        last: Box::new(Error::Lost {
            url: "https://a/".into(),
            reason: "reset".into(),
        }),
    };
    assert!(!error.is_transient());
}
