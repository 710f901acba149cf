//! Checks whether applications can set themselves up from `PUBLIC_URL`.

use reqwest::StatusCode;
use serde_json::Value;
use url::Url;

use super::Finding;
use crate::sms::client;

/// Where applications read the configuration (OpenID Connect Discovery 1.0, 4).
const CONFIGURATION: &str = "/.well-known/openid-configuration";

/// Reads the configuration as an application does. An application refuses one whose `issuer` is another address.
pub async fn check(url: &Url) -> anyhow::Result<Finding> {
    let issuer = url.origin().ascii_serialization();
    let answer = client::build()?.get(url.join(CONFIGURATION)?).send().await;
    let read = match answer {
        Ok(answer) if answer.status() == StatusCode::OK => answer.json::<Value>().await.ok(),
        Ok(_) | Err(_) => None,
    };
    Ok(finding(&issuer, read.as_ref()))
}

fn finding(issuer: &str, configuration: Option<&Value>) -> Finding {
    let named = configuration.and_then(|body| body.get("issuer")).and_then(Value::as_str);
    match named {
        Some(named) if named == issuer => {
            Finding::Good(format!("OpenID Connect: the issuer is {issuer}"))
        }
        Some(named) => Finding::Bad(format!(
            "OpenID Connect: {issuer}{CONFIGURATION} names the issuer {named}, so applications refuse it: the proxy \
             has to pass on `Host`, and the server needs the same PUBLIC_URL"
        )),
        None => Finding::Unknown(format!(
            "OpenID Connect: {issuer}{CONFIGURATION} cannot be read from here; applications read it"
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn another_issuer_is_wrong_and_none_is_unknown() {
        let of = |body: Option<Value>| finding("https://id.example.com", body.as_ref());
        let named = |issuer: &str| Some(json!({ "issuer": issuer }));
        assert!(matches!(of(named("https://id.example.com")), Finding::Good(_)));
        assert!(matches!(of(named("http://127.0.0.1:8080")), Finding::Bad(_)));
        assert!(matches!(of(Some(json!([]))), Finding::Unknown(_)));
        assert!(matches!(of(None), Finding::Unknown(_)));
    }
}
