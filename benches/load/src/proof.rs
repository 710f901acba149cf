//! How long a proof of work takes a native program and Chromium, each on one core.
//!
//! Both make the same attempts: Chromium by the script of the pages, the native program by the function with which Haoma
//! checks passwords, which takes seven tenths of the time of the `pbkdf2` crate.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpResponse, HttpServer,
    web::{Data, get, post},
};
use tempfile::TempDir;
use tokio::{sync::mpsc, time::timeout};

/// The script of the pages.
const SCRIPT: &str = include_str!("../../../static/proof.js");
/// The core on which both run.
const CORE: &str = "0";
const NONCE: [u8; 16] = [7; 16];
const SALT: [u8; 16] = [8; 16];
/// Rounds of one attempt, as in `domain/proof_of_work`.
const ROUNDS: u32 = 2_000;

/// Chromium. It ends with this value.
struct Browser(Child);

impl Drop for Browser {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Prints the median of several measurements in turns.
pub async fn run(attempts: u32, turns: u32) -> anyhow::Result<()> {
    let (results, mut measured) = mpsc::unbounded_channel::<f64>();
    let script = page(attempts, turns);
    let server = HttpServer::new(move || {
        let (page, results) = (script.clone(), results.clone());
        App::new()
            .app_data(Data::new(results))
            .route(
                "/",
                get().to(move || {
                    let page = page.clone();
                    async move { HttpResponse::Ok().content_type("text/html").body(page) }
                }),
            )
            .route(
                "/proof.js",
                get().to(async || HttpResponse::Ok().content_type("text/javascript").body(SCRIPT)),
            )
            .route(
                "/result",
                post().to(async |body: String, results: Data<mpsc::UnboundedSender<f64>>| {
                    body.parse().map(|seconds| results.send(seconds)).ok();
                    HttpResponse::NoContent().finish()
                }),
            )
    })
    .workers(1)
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let server = tokio::spawn(server);
    let profile = TempDir::new()?;
    let browser = Browser(
        Command::new("taskset")
            .args(["-c", CORE, "chromium", "--headless", "--no-sandbox", "--disable-gpu"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg(format!("http://{address}/"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?,
    );
    let mut in_browser = Vec::new();
    for _ in 0..turns {
        let seconds = timeout(Duration::from_mins(2), measured.recv()).await?;
        in_browser.push(seconds.ok_or_else(|| anyhow::anyhow!("no result"))?);
    }
    drop(browser);
    handle.stop(true).await;
    server.await??;
    let mut native: Vec<f64> = (0..turns).map(|_| natively(attempts)).collect();
    let (native, in_browser) = (median(&mut native), median(&mut in_browser));
    let milliseconds = |seconds: f64| 1000.0 * seconds / f64::from(attempts);
    println!("| | one attempt | {attempts} attempts |");
    println!("|---|---|---|");
    println!("| native program | {:.3} ms | {native:.2} s |", milliseconds(native));
    println!("| Chromium | {:.3} ms | {in_browser:.2} s |", milliseconds(in_browser));
    println!("\nA native program is {:.2} times as fast.", in_browser / native);
    Ok(())
}

/// The seconds that so many attempts take.
fn natively(attempts: u32) -> f64 {
    let start = Instant::now();
    let keys = (0..attempts).map(|counter| {
        pbkdf2_sha256::derive(&[NONCE.as_slice(), &counter.to_be_bytes()].concat(), &SALT, ROUNDS)
    });
    // The keys are used, so that they are computed.
    std::hint::black_box(keys.fold(0_u8, |sum, key| sum ^ key[0]));
    start.elapsed().as_secs_f64()
}

/// A page that makes so many attempts, several times, and sends the seconds of each time. The first time warms up.
fn page(attempts: u32, turns: u32) -> String {
    let last = attempts - 1;
    let key =
        pbkdf2_sha256::derive(&[NONCE.as_slice(), &last.to_be_bytes()].concat(), &SALT, ROUNDS);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!(
        r#"<!doctype html><script type="module">
        import {{ solve }} from "/proof.js";
        const parameters = {{ nonce: "{}", salt: "{}", cost: {ROUNDS}, keyPrefix: "{}" }};
        await solve(parameters);
        for (let turn = 0; turn < {turns}; turn++) {{
          const start = performance.now();
          const {{ counter }} = await solve(parameters);
          if (counter !== {last}) throw new Error("another counter");
          await fetch("/result", {{ method: "POST", body: String((performance.now() - start) / 1000) }});
        }}
        </script>"#,
        hex(&NONCE),
        hex(&SALT),
        hex(&key[..16]),
    )
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
