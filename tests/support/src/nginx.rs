//! Configurations of nginx for tests.

use std::{fs, path::Path};

use crate::sources::root;

/// Puts a block into a configuration like Debian's nginx.conf, which writes all its files into the folder.
pub fn nginx_conf(block: &str, folder: &Path) -> String {
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("    {name}_temp_path {folder}/{name};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nevents {{}}\n\
         http {{\n    access_log off;\n{temporary}\n{block}\n}}\n"
    )
}

/// Returns `deploy/nginx.conf`, changed to listen on this local port and to use these two Haomas.
pub fn nginx_of_two(port: u16, apps: [u16; 2]) -> String {
    let mut inner = fs::read_to_string(root().join("deploy/nginx.conf")).expect("readable");
    for (theirs, ours) in [
        ("listen 8080;", format!("listen 127.0.0.1:{port};")),
        ("server haoma-1:8080 ", format!("server 127.0.0.1:{} ", apps[0])),
        ("server haoma-2:8080 ", format!("server 127.0.0.1:{} ", apps[1])),
    ] {
        assert_eq!(inner.matches(theirs).count(), 1, "{theirs} in deploy/nginx.conf");
        inner = inner.replace(theirs, &ours);
    }
    inner
}
