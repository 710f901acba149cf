//! Apache with `mod_auth_openidc` of Debian.

use std::{
    fs::{read_to_string, write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use haoma::domain::{oauth::client::OauthClient, signing_algorithm::SigningAlgorithm};
use serde_json::json;
use tempfile::TempDir;
use test_support::{app::on_each, databases::required_part, processes::free_port};
use tokio::time::sleep;

use super::{
    super::{Client, new_client, register},
    FOLDER, described, person, run,
};

/// Where Debian has the modules.
const MODULES: &str = "/usr/lib/apache2/modules";

/// A running Apache, which is stopped with the test.
struct Apache {
    child: Child,
    folder: TempDir,
}

impl Drop for Apache {
    #[expect(clippy::print_stdout, reason = "shown when a test fails: what Apache says")]
    fn drop(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ends");
        println!("{}", read_to_string(self.folder.path().join("errors.log")).unwrap_or_default());
    }
}

impl Apache {
    /// Starts one process that listens on this port.
    async fn start(program: &str, folder: TempDir, port: u16, configuration: &str) -> Self {
        let file = folder.path().join("apache.conf");
        write(&file, configuration).expect("written");
        let child = Command::new(program)
            .args(["-X", "-f"])
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .expect("Apache starts");
        let mut apache = Self { child, folder };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = apache.child.try_wait().expect("a process");
            assert!(ended.is_none(), "Apache ended: {ended:?}");
            sleep(Duration::from_millis(20)).await;
        }
        apache
    }
}

/// Returns the configuration of an Apache that lets people to an application who have signed in.
fn configuration(folder: &Path, ports: (u16, u16), issuer: &str, client: &Client) -> String {
    let ((port, application), folder) = (ports, folder.display());
    let load = |name| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n");
    let access = ["authn_core", "authz_core", "authz_user", "auth_openidc"].map(load).concat();
    let modules = ["mpm_event", "proxy", "proxy_http"].map(load).concat();
    let Client { id, secret } = client;
    format!(
        r#"{modules}{access}
ServerRoot "{folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/errors.log"
Mutex posixsem
User www-data
Group www-data

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCSSLValidateServer Off
OIDCClientID {id}
OIDCClientSecret {secret}
OIDCRedirectURI http://127.0.0.1:{port}/signed-in
OIDCCryptoPassphrase "a passphrase of the tests"
OIDCScope "openid profile phone"
OIDCPKCEMethod S256

ProxyPass /signed-in !
ProxyPass / http://127.0.0.1:{application}/
<Location />
    AuthType openid-connect
    Require valid-user
</Location>
"#
    )
}

#[tokio::test]
async fn people_sign_in_and_out_of_an_application_behind_apache() {
    let Some(program) = required_part("TEST_APACHE") else { return };
    on_each(async |app| {
        // mod_auth_openidc does not know EdDSA, but has to find its key among all of them.
        for algorithm in SigningAlgorithm::ALL {
            app.state.jwt_keys.ensure(algorithm).await.expect("a key");
        }
        let (folder, ports) = (TempDir::new().expect("a folder"), (free_port(), free_port()));
        let site = format!("http://127.0.0.1:{}", ports.0);
        let client = OauthClient {
            redirect_uris: vec![format!("{site}/signed-in")],
            post_logout_redirect_uris: vec![format!("{site}/bye")],
            back_channel_logout_uri: Some(format!("{site}/signed-in?logout=backchannel")),
            algorithm: SigningAlgorithm::Rs256,
            ..new_client()
        };
        let client = register(app, client, None).await;
        let configuration = configuration(folder.path(), ports, &app.origin, &client);
        let _apache = Apache::start(&program, folder, ports.0, &configuration).await;
        let mut input = person(app).await;
        let object = input.as_object_mut().expect("an object");
        object.insert("site".to_owned(), json!(site));
        object.insert("bye".to_owned(), json!(format!("{site}/bye")));
        object.insert("application_port".to_owned(), json!(ports.1));
        object.insert("client".to_owned(), described(&client, "RS256"));
        let mut node = Command::new("node");
        node.arg(format!("{FOLDER}/behind-apache.mjs"));
        run(node, &input).await;
    })
    .await;
}
