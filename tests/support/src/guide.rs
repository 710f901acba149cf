//! The configurations of proxies in docs/proxies.md.

use std::fs;

use crate::sources::root;

/// The list of Haoma's paths in the configuration of a site that shares its host.
pub const SHARED_PATHS: &str = r"^/((register|login|reset-password|logout)$|account(/|$)|static/(haoma|proof|favicon)\.|api/v1/|\.well-known/jwks\.json$)";

/// Returns a block of this language, by its number from 0.
pub fn of_guide(language: &str, number: usize) -> String {
    let guide = fs::read_to_string(root().join("docs/proxies.md")).expect("docs/proxies.md");
    let block = guide.split(&format!("```{language}\n")).nth(number + 1).expect("a block");
    block.split_once("```").expect("its end").0.to_owned()
}

/// Replaces texts that stand in a block as often as is said.
pub fn replace_all(block: &str, replaced: &[(&str, String, usize)]) -> String {
    let mut block = block.to_owned();
    // By way of a mark, because a free port may begin with the digits of another one.
    for (number, (theirs, _, times)) in replaced.iter().enumerate() {
        assert_eq!(block.matches(theirs).count(), *times, "{theirs} in docs/proxies.md");
        block = block.replace(theirs, &format!("<{number}>"));
    }
    for (number, (_, ours, _)) in replaced.iter().enumerate() {
        block = block.replace(&format!("<{number}>"), ours);
    }
    block
}

/// Returns the configuration of nginx for a site that shares our host.
pub fn nginx_of_site(address: &str, site: &str, haoma: &str) -> String {
    replace_all(
        &of_guide("nginx", 0),
        &[
            ("listen 443 ssl;", format!("listen {address};"), 1),
            ("server 127.0.0.1:8080;", format!("server {haoma};"), 1),
            ("server 127.0.0.1:3000;", format!("server {site};"), 1),
            ("ssl_certificate ", "# ssl_certificate ".to_owned(), 1),
            ("ssl_certificate_key ", "# ssl_certificate_key ".to_owned(), 1),
        ],
    )
}

/// Returns the one for our own host, 127.0.0.1, and a site on the host `localhost`.
pub fn nginx_of_sites(address: &str, site: &str, haoma: &str) -> String {
    let of_site = replace_all(
        &nginx_of_site(address, site, haoma),
        &[
            (SHARED_PATHS, of_guide("text", 0).trim().to_owned(), 1),
            ("server_name www.example.com;", "server_name localhost;".to_owned(), 1),
        ],
    );
    let own = replace_all(
        &of_guide("nginx", 1),
        &[
            ("listen 443 ssl;", format!("listen {address};"), 1),
            ("server_name id.example.com;", "server_name 127.0.0.1;".to_owned(), 1),
            ("ssl_certificate ", "# ssl_certificate ".to_owned(), 1),
            ("ssl_certificate_key ", "# ssl_certificate_key ".to_owned(), 1),
        ],
    );
    format!("{of_site}{own}")
}
