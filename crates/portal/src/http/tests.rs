use super::*;

fn parsed(text: &str) -> Error {
    parse::<Vec<u8>>(text, "http://a/".into()).unwrap_err()
}

#[test]
fn a_short_answer_that_fails_says_how() {
    assert!(matches!(parsed("[1, 2"), Error::Lost { .. }));
    assert!(matches!(
        parsed("[1, 2Streaming interrupted due to the following error: x"),
        Error::Lost { .. }
    ));
    assert!(matches!(parsed("{\"a\": 1}"), Error::Unexpected { .. }));
    assert!(matches!(parsed(""), Error::NotJson { .. }));
    let error = parsed("<!DOCTYPE html>\n<h1>Maintenance</h1>");
    assert!(
        error.to_string().contains("<h1>Maintenance</h1>"),
        "{error}"
    );
    assert!(parse::<Vec<u8>>("\u{feff}[1]", String::new()).is_ok());
}

/// A name whose owner lets it resolve to this address.
struct Rebound(std::net::SocketAddr);

impl Lookup for Rebound {
    fn addresses(&self, _: String) -> crate::reach::Found {
        let address = self.0;
        Box::pin(async move { Ok(vec![address]) })
    }
}

#[tokio::test]
async fn a_name_that_leads_into_this_machine_is_not_asked() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let _read = socket.read(&mut [0; 1024]).await.unwrap();
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1, 2, 3]";
            socket.write_all(answer).await.unwrap();
        }
    });
    let url = format!("http://portal.example:{}/", address.port());
    let url = Url::parse(&url).unwrap();
    if proxy::between(&url).is_some() {
        centime_test_input::skipped("a name that is bound again", "a proxy would resolve it");
        return;
    }
    let ask = async |private| {
        let reach = Reach::new(&url, &[], private).unwrap();
        let (timeouts, limits) = (Timeouts::default(), Limits::default());
        let lookup = Arc::new(Rebound(address));
        let http = Http::resolving(&url, reach, None, timeouts, limits, lookup).unwrap();
        let answer = http.get_json::<Vec<u8>>(&url, 1000).await;
        answer.map_err(|failure| failure.error)
    };
    let error = ask(false).await.unwrap_err();
    assert!(matches!(error, Error::NotPublic { .. }), "{error}");
    for word in ["portal.example", "127.0.0.1", "private_addresses = true"] {
        assert!(error.to_string().contains(word), "{error}");
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert_eq!(ask(true).await.unwrap(), [1, 2, 3]);
}

#[test]
fn a_key_is_never_printed() {
    let key = ApiKey::new("s3cret").unwrap();
    assert!(!format!("{key:?}").contains("s3cret"));
    let error = ApiKey::new("s3cret\n").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[test]
fn causes_reach_inside_io_errors() {
    let inner = rustls::Error::HandshakeNotComplete;
    let error = io::Error::other(io::Error::other(inner));
    assert!(is_tls(&error));
    assert!(!is_tls(&io::Error::other("no")));
}
