//! Checks whether the service can be reached at `PUBLIC_URL`, through the proxies in front of it.

use reqwest::{Client, StatusCode, header::LOCATION};
use url::Url;

use super::Finding;
use crate::sms::client;

/// A page that needs no session and changes nothing.
const PAGE: &str = "/login";

/// The response, as far as the check needs it.
struct PageResponse {
    status: StatusCode,
    /// The target of the redirect, if there is one.
    location: Option<Url>,
    /// Whether the headers look like those of Haoma.
    is_haoma: bool,
}

/// Requests the sign-in page, as a browser would.
pub async fn check(url: &Url) -> anyhow::Result<Finding> {
    let page = url.join(PAGE)?;
    let name = format!("PUBLIC_URL: {}", url.origin().ascii_serialization());
    Ok(match fetch(&client::build()?, page.clone()).await {
        Ok(response) => finding(&name, &page, &response),
        Err(error) => {
            let error = error.without_url();
            Finding::Unknown(format!("{name} cannot be reached from here ({error})"))
        }
    })
}

async fn fetch(client: &Client, page: Url) -> Result<PageResponse, reqwest::Error> {
    let response = client.get(page.clone()).send().await?;
    let headers = response.headers();
    let location = headers.get(LOCATION).and_then(|to| page.join(to.to_str().ok()?).ok());
    // Every response of Haoma has an id and forbids framing.
    let is_haoma = headers.contains_key("x-request-id") && headers.contains_key("x-frame-options");
    Ok(PageResponse { status: response.status(), location, is_haoma })
}

fn finding(name: &str, page: &Url, response: &PageResponse) -> Finding {
    if response.location.as_ref() == Some(page) {
        return Finding::Bad(format!(
            "{name} redirects to itself without end: a proxy sends `X-Forwarded-Proto: http` for requests that \
             came by https. The proxy that ends TLS has to send `https`, those behind it have to pass that on, \
             and TRUSTED_PROXIES has to name all of them (docs/proxies.md)"
        ));
    }
    match response.status {
        StatusCode::OK if response.is_haoma => {
            Finding::Good(format!("{name} shows the sign-in page"))
        }
        StatusCode::MISDIRECTED_REQUEST => Finding::Bad(format!(
            "{name} reaches a Haoma with another PUBLIC_URL: the proxy has to pass on `Host`, and the server \
             needs the same PUBLIC_URL"
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
    fn a_redirect_to_itself_is_wrong() {
        let page = Url::parse("https://id.example.com/login").unwrap();
        let finding_of = |status: u16, location: Option<&str>, is_haoma| {
            let location = location.map(|to| page.join(to).unwrap());
            let status = StatusCode::from_u16(status).unwrap();
            finding("x", &page, &PageResponse { status, location, is_haoma })
        };

        for (status, location, is_haoma) in [
            (308, Some("https://id.example.com/login"), true),
            (301, Some("/login"), false),
            (421, None, true),
        ] {
            assert!(matches!(finding_of(status, location, is_haoma), Finding::Bad(_)), "{status}");
        }
        assert!(matches!(finding_of(200, None, true), Finding::Good(_)));
        for (status, location) in
            [(200, None), (502, None), (302, Some("https://elsewhere.example/"))]
        {
            assert!(matches!(finding_of(status, location, false), Finding::Unknown(_)), "{status}");
        }
    }
}
