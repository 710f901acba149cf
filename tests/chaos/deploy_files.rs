//! The files that operators copy: the image, the compose file, the systemd unit and the nginx configuration. There is
//! no container engine here, so other programs read each file.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;
use test_support::{
    app::on_each,
    databases::required_part,
    nginx::{nginx_conf, nginx_of_two},
    processes::free_port,
    sources::example,
};
use tokio::task::spawn_blocking;
use yaml_rust2::{Yaml, YamlLoader};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).expect("readable")
}

fn compose() -> Yaml {
    YamlLoader::load_from_str(&file("compose.yaml")).expect("YAML").remove(0)
}

fn words(list: &Yaml) -> Vec<&str> {
    list.as_vec().expect("a list").iter().map(|text| text.as_str().expect("a word")).collect()
}

#[test]
fn the_image_is_built_with_the_required_rust_and_runs_as_an_unprivileged_user() {
    let image = file("Dockerfile");
    let manifest = file("Cargo.toml");
    let (_, rust) = manifest.split_once("rust-version = \"").expect("a version");
    let rust = rust.split('"').next().expect("its end");

    assert!(image.contains(&format!("FROM rust:{rust}-")), "{rust}");
    let user = image.lines().find_map(|line| line.strip_prefix("USER ")).expect("a user");
    assert!(user.parse::<u32>().expect("a number") >= 10_000, "{user}");
    for part in file(".dockerignore").lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(part).exists(), "{part}");
    }
}

#[test]
fn compose_runs_two_instances_behind_nginx_on_persistent_stores() {
    let compose = compose();
    let haoma = &compose["x-haoma"];

    let known = example();
    for name in haoma["environment"].as_hash().expect("settings").keys() {
        let name = name.as_str().expect("a name");
        assert!(known.contains_key(name), "Haoma does not read {name}");
    }
    assert_eq!(haoma["read_only"], Yaml::Boolean(true));
    assert_eq!(words(&haoma["cap_drop"]), ["ALL"]);
    let nginx = file("deploy/nginx.conf");
    for instance in ["haoma-1", "haoma-2"] {
        assert!(!compose["services"][instance].is_badvalue(), "{instance}");
        assert!(nginx.contains(&format!("server {instance}:8080")), "{instance}");
    }
    let mysql = words(&compose["services"]["mysql"]["command"]);
    assert!(mysql.contains(&"--innodb-flush-log-at-trx-commit=1"), "{mysql:?}");
    let redis = words(&compose["services"]["redis"]["command"]).join(" ");
    for promise in ["--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction"] {
        assert!(redis.contains(promise), "{redis}");
    }
}

#[test]
fn forwarded_addresses_are_believed_from_nginx_and_the_local_proxy_only() {
    let compose = compose();
    let haoma = &compose["x-haoma"];
    let trusted = haoma["environment"]["TRUSTED_PROXIES"].as_str().expect("a list");
    let nginx = &compose["services"]["nginx"];
    let address = nginx["networks"]["inside"]["ipv4_address"].as_str().expect("an address");
    // Docker gives the first address of a network to the host.
    let network = &compose["networks"]["inside"]["ipam"]["config"][0]["subnet"];
    let machine = network.as_str().expect("a subnet").replace(".0/24", ".1");
    assert_eq!(trusted.split(',').collect::<Vec<_>>(), [address, &machine]);
    assert_eq!(words(&nginx["ports"]), ["127.0.0.1:8080:8080"], "who reaches it is believed");
}

#[test]
fn one_compose_service_builds_the_image_and_all_run_it() {
    let compose = compose();
    let services = compose["services"].as_hash().expect("services");
    let builders = services.iter().filter(|(_, service)| !service["build"].is_badvalue());
    let builders: Vec<_> = builders.filter_map(|(name, _)| name.as_str()).collect();

    assert_eq!(builders, ["migrate"]);
    assert_eq!(compose["x-haoma"]["image"].as_str(), Some("haoma"));
    assert!(file("Dockerfile").starts_with("# docker build -t haoma .\n"));
    assert!(file("compose.yaml").contains("openssl rand -hex"), "a password that a URL can hold");
}

/// The check runs in a shell, as in the image, and succeeds for an instance that can serve.
#[tokio::test]
async fn the_health_check_asks_whether_an_instance_can_serve() {
    let compose = compose();
    let check = words(&compose["services"]["haoma-1"]["healthcheck"]["test"]);
    let ["CMD", program, arguments @ ..] = &*check else { panic!("a command: {check:?}") };
    for service in ["haoma-1", "haoma-2"] {
        let waits = &compose["services"]["nginx"]["depends_on"][service]["condition"];
        assert_eq!(waits.as_str(), Some("service_healthy"), "{service}");
    }
    let is_healthy = async |port: &str| {
        let arguments =
            arguments.iter().map(|argument| argument.replace("/8080", &format!("/{port}")));
        let mut command = Command::new(program);
        command.args(arguments).stderr(Stdio::null());
        spawn_blocking(move || command.status()).await.expect("ends").expect("runs").success()
    };
    on_each(async |app| {
        let port = app.base.rsplit(':').next().expect("a port");
        assert!(is_healthy(port).await);
        assert!(!is_healthy(&free_port().to_string()).await);
    })
    .await;
}

#[test]
fn nginx_takes_its_configuration() {
    let Some(nginx) = required_part("TEST_NGINX") else { return };
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("nginx.conf");
    let inner = nginx_of_two(free_port(), [free_port(), free_port()]);
    fs::write(&path, nginx_conf(&inner, folder.path())).expect("written");

    let tried = Command::new(nginx).args(["-t", "-e", "stderr", "-c"]).arg(&path).output();

    let tried = tried.expect("nginx");
    assert!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stderr));
}

#[test]
fn systemd_takes_the_unit() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("haoma.service");
    let unit = file("deploy/haoma.service");
    let unit = unit.replace("/usr/local/bin/haoma", env!("CARGO_BIN_EXE_haoma"));
    fs::write(&path, unit).expect("written");

    let tried = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output();

    let tried = tried.expect("systemd-analyze, which scripts/test installs");
    let said = String::from_utf8_lossy(&tried.stderr);
    assert!(tried.status.success() && !said.contains("haoma.service"), "{said}");
}
