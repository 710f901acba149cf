//! `STATIC_ROOT`: the files of an older front-end.

use std::{fs, os::unix::fs::symlink};

use reqwest::Method;
use tempfile::TempDir;
use test_support::{
    app::{TestApp, on_each_with},
    interface::Interface,
};

/// Creates a folder with a front-end, and files beside it that must never be served.
fn folder() -> TempDir {
    let outside = TempDir::new().expect("a folder");
    let root = outside.path().join("root");
    fs::create_dir_all(root.join("static/js")).expect("a folder");
    fs::create_dir_all(root.join("empty")).expect("a folder");
    fs::create_dir_all(root.join("api/v1")).expect("a folder");
    for (name, text) in [
        ("root/index.html", "<!doctype html>the old front-end"),
        ("root/login.html", "<script>inline()</script>"),
        ("root/static/js/main.js", "old()"),
        ("root/static/style.css", "old{}"),
        ("root/中文 页.html", "named in Chinese"),
        ("root/.env", "SECRET"),
        ("root/api/v1/session", "SECRET"),
        ("secret.txt", "SECRET"),
    ] {
        fs::write(outside.path().join(name), text).expect("a file");
    }
    symlink("../secret.txt", root.join("link.txt")).expect("a link");
    symlink("..", root.join("up")).expect("a link");
    outside
}

async fn on_folder(test: impl AsyncFn(&TestApp)) {
    let folder = folder();
    let root = folder.path().join("root");
    on_each_with(&[("STATIC_ROOT", root.to_str().expect("a path"))], test).await;
}

#[tokio::test]
async fn files_are_served_with_their_types_and_revalidated() {
    on_folder(async |app| {
        let client = app.client();
        for (path, kind, text) in [
            ("/", "text/html; charset=utf-8", "the old front-end"),
            ("/index.html", "text/html; charset=utf-8", "the old front-end"),
            ("/login.html?x=1", "text/html; charset=utf-8", "inline()"),
            ("/static/js/main.js", "text/javascript", "old()"),
            ("/static/style.css", "text/css; charset=utf-8", "old{}"),
            ("/%E4%B8%AD%E6%96%87%20%E9%A1%B5.html", "text/html; charset=utf-8", "Chinese"),
        ] {
            let file = client.get(path).await;
            assert_eq!(file.status.as_u16(), 200, "{path}: {file:?}");
            assert!(file.body.contains(text), "{path}: {file:?}");
            assert_eq!(file.header("content-type"), kind, "{path}");
            assert_eq!(file.header("cache-control"), "no-cache");
            assert_eq!(file.header("content-security-policy"), "frame-ancestors 'self'");
            assert_eq!(file.header("x-content-type-options"), "nosniff");
            let request = client.request_without_origin(Method::GET, path);
            let again = client.send(request.header("if-none-match", file.header("etag"))).await;
            assert_eq!(again.status.as_u16(), 304, "{path}");
            let head = client.send(client.request_without_origin(Method::HEAD, path)).await;
            assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
        }
    })
    .await;
}

#[tokio::test]
async fn our_own_pages_stay_where_the_folder_has_no_file() {
    on_folder(async |app| {
        let client = app.client();
        for path in ["/register", "/login", "/reset-password"] {
            let page = client.get(path).await;
            assert!(page.body.contains("/static/haoma."), "{path}: {page:?}");
            let css = page.value_after("<link rel=\"stylesheet\" href=\"");
            assert_eq!(client.get(&css).await.status.as_u16(), 200, "{css}");
        }
        // API paths are never taken over by files.
        let session = client.get("/api/v1/session").await;
        assert_eq!((session.status.as_u16(), session.errno()), (401, "4101".to_owned()));
        let posted = client.post_form("/index.html", &[]).await;
        assert_eq!(posted.status.as_u16(), 404, "{posted:?}");
    })
    .await;
}

#[tokio::test]
async fn nothing_outside_the_folder_is_reached() {
    on_folder(async |app| {
        let client = app.client();
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/static/..%2f..%2fsecret.txt",
            "/static/%2e%2e/%2e%2e/secret.txt",
            "/..%5csecret.txt",
            "/%2fetc/passwd",
            "//etc/passwd",
            "/link.txt",
            "/up/secret.txt",
            "/.env",
            "/%2eenv",
            "/index.html%00.png",
            "/empty",
            "/empty/",
            "/index.html/",
            "/static",
        ] {
            let response = client.get(path).await;
            if path == "/index.html/" {
                // The path names a file, whatever its ending.
                assert_eq!(response.status.as_u16(), 200);
                continue;
            }
            Interface::Page.assert_refused(&response, (404, "4002"), "error-not-found", &[]);
            assert!(!response.body.contains("SECRET"), "{path}");
        }
    })
    .await;
}
