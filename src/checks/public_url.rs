//! Whether people reach us under `PUBLIC_URL`, as the proxies in front of us are set up.

use reqwest::{Client, StatusCode, header::LOCATION};
use url::Url;

use super::Finding;
use crate::sms::client;

/// A page that anybody may ask for, and that changes nothing.
const PAGE: &str = "/login";

/// What came back from there.
struct Seen {
    status: StatusCode,
    /// Where it sends people, if it does.
    location: Option<Url>,
    /// Whether it looks like a Haoma's.
    is_haoma: bool,
}

/// Asks for the sign-in page, as a person would.
pub async fn check(url: &Url) -> anyhow::Result<Finding> {
    let page = url.join(PAGE)?;
    let name = format!("PUBLIC_URL: {}", url.origin().ascii_serialization());
    Ok(match ask(&client::build()?, page.clone()).await {
        Ok(seen) => judge(&name, &page, &seen),
        Err(error) => {
            let error = error.without_url();
            Finding::Unknown(format!("{name} cannot be reached from here ({error})"))
        }
    })
}

async fn ask(client: &Client, page: Url) -> Result<Seen, reqwest::Error> {
    let response = client.get(page.clone()).send().await?;
    let headers = response.headers();
    let location = headers.get(LOCATION).and_then(|to| page.join(to.to_str().ok()?).ok());
    // Each of our answers has a name, and forbids to be framed.
    let is_haoma = headers.contains_key("x-request-id") && headers.contains_key("x-frame-options");
    Ok(Seen { status: response.status(), location, is_haoma })
}

fn judge(name: &str, page: &Url, seen: &Seen) -> Finding {
    if seen.location.as_ref() == Some(page) {
        return Finding::Bad(format!(
            "{name} sends people to where they are, without end: a proxy says `X-Forwarded-Proto: http` of \
             people who came by https. The one that ends TLS has to say `https`, those behind it have to \
             pass that on, and TRUSTED_PROXIES has to name all of them (docs/proxies.md)"
        ));
    }
    match seen.status {
        StatusCode::OK if seen.is_haoma => Finding::Good(format!("{name} shows the sign-in page")),
        StatusCode::MISDIRECTED_REQUEST => Finding::Bad(format!(
            "{name} reaches a Haoma that does not know itself by this name: the proxy has to pass on `Host`, \
             and the server needs the same PUBLIC_URL"
        )),
        status => Finding::Unknown(format!(
            "{name} does not show the sign-in page (HTTP {}): does the server run, and does the proxy lead to it?",
            status.as_u16()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_to_itself_is_the_trap() {
        let page = Url::parse("https://id.example.com/login").unwrap();
        let judged = |status: u16, location: Option<&str>, is_haoma| {
            let location = location.map(|to| page.join(to).unwrap());
            let status = StatusCode::from_u16(status).unwrap();
            judge("x", &page, &Seen { status, location, is_haoma })
        };

        for (status, location, is_haoma) in [
            (308, Some("https://id.example.com/login"), true),
            (301, Some("/login"), false),
            (421, None, true),
        ] {
            assert!(matches!(judged(status, location, is_haoma), Finding::Bad(_)), "{status}");
        }
        assert!(matches!(judged(200, None, true), Finding::Good(_)));
        for (status, location) in
            [(200, None), (502, None), (302, Some("https://elsewhere.example/"))]
        {
            assert!(matches!(judged(status, location, false), Finding::Unknown(_)), "{status}");
        }
    }
}
