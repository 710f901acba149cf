//! Checks whether the proxies of the operator's other sites lead their readers to us.

use reqwest::{Client, StatusCode, header::LOCATION};
use url::Url;

use super::Finding;
use crate::{config::HttpConfig, sms::client};

/// The path by which a reader of a site begins to sign in.
const START: &str = "/.haoma/start";

/// Begins at each site as a browser would. Without a public address there is nothing to lead to, so nothing is checked.
pub async fn check(http: &HttpConfig) -> anyhow::Result<Vec<Finding>> {
    let Some(own) = &http.public_url else { return Ok(Vec::new()) };
    let client = client::build()?;
    let mut findings = Vec::new();
    for site in http.sites.iter().filter(|site| site.origin() != own.origin()) {
        findings.extend(unencrypted(own, site));
        findings.push(match begin(&client, site).await {
            Ok((status, to)) => finding(own, site, (status, to.as_ref())),
            Err(error) => {
                let (name, error) = (name(site), error.without_url());
                Finding::Unknown(format!("{name} cannot be reached from here ({error})"))
            }
        });
    }
    Ok(findings)
}

fn name(site: &Url) -> String {
    format!("SITES: {}", site.origin().ascii_serialization())
}

fn unencrypted(own: &Url, site: &Url) -> Option<Finding> {
    (own.scheme() == "https" && site.scheme() != "https").then(|| {
        let name = name(site);
        Finding::Note(format!(
            "{name} is not encrypted, though PUBLIC_URL is: only for trials here"
        ))
    })
}

/// Returns the status of the answer, and where it redirects to.
async fn begin(client: &Client, site: &Url) -> Result<(StatusCode, Option<Url>), reqwest::Error> {
    let mut start = site.clone();
    start.set_path(START);
    let response = client.get(start.clone()).send().await?;
    let location = response.headers().get(LOCATION);
    let to = location.and_then(|to| start.join(to.to_str().ok()?).ok());
    Ok((response.status(), to))
}

fn finding(own: &Url, site: &Url, (status, to): (StatusCode, Option<&Url>)) -> Finding {
    let (name, status) = (name(site), status.as_u16());
    if to.is_some_and(|to| to.origin() == own.origin() && to.path() == "/hand-over") {
        return Finding::Good(format!("{name} leads its readers here to sign in"));
    }
    if status == StatusCode::MISDIRECTED_REQUEST.as_u16() {
        return Finding::Bad(format!(
            "{name} reaches a Haoma that does not know it: the proxy has to pass on `Host`, and the server needs the \
             same SITES"
        ));
    }
    if have_one_parent(own, site) {
        return Finding::Note(format!(
            "{name} does not pass {START} on (HTTP {status}): its pages may ask who is signed in, but its proxy cannot \
             (docs/proxies.md)"
        ));
    }
    Finding::Bad(format!(
        "{name} does not pass {START} on (HTTP {status}): nobody can sign in there: its proxy has to lead /.haoma/ here \
         without asking who is signed in (docs/proxies.md)"
    ))
}

/// Returns whether both hosts are names below the same one, so that browsers send our cookie when a page of the site asks.
fn have_one_parent(own: &Url, site: &Url) -> bool {
    let parent = |url: &Url| {
        let (_, parent) = url.domain()?.split_once('.')?;
        parent.contains('.').then(|| parent.to_owned())
    };
    parent(own).is_some_and(|own| Some(own) == parent(site))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_to_lead_to_us_unless_its_pages_can_ask() {
        let own = Url::parse("https://id.example.com").unwrap();
        let of = |site: &str, status: u16, to: Option<&str>| {
            let (site, to) = (Url::parse(site).unwrap(), to.map(|to| Url::parse(to).unwrap()));
            finding(&own, &site, (StatusCode::from_u16(status).unwrap(), to.as_ref()))
        };
        let (shop, sibling) = ("https://shop.example.net", "https://shop.example.com");

        let here = Some("https://id.example.com/hand-over?site=x");
        for site in [shop, sibling] {
            assert!(matches!(of(site, 303, here), Finding::Good(_)), "{site}");
            assert!(matches!(of(site, 421, None), Finding::Bad(_)), "{site}");
        }
        for (status, to) in [
            (404, None),
            (303, Some("https://id.example.com/login")),
            (303, Some("https://id.example.com.evil.example/hand-over")),
        ] {
            assert!(matches!(of(shop, status, to), Finding::Bad(_)), "{status}");
            assert!(matches!(of(sibling, status, to), Finding::Note(_)), "{status}");
        }
    }
}
