//! The library Authlib of the Python Package Index.

use std::process::Command;

use haoma::domain::{oauth::client::OauthClient, signing_algorithm::SigningAlgorithm};
use serde_json::json;
use test_support::{app::on_each, databases::required_part};

use super::{
    super::{new_client, register},
    FOLDER, described, person, run,
};

#[tokio::test]
async fn people_sign_in_and_out_with_every_algorithm() {
    let Some(python) = required_part("TEST_AUTHLIB") else { return };
    on_each(async |app| {
        let mut input = person(app).await;
        let mut clients = Vec::new();
        for algorithm in SigningAlgorithm::ALL {
            let client = register(app, OauthClient { algorithm, ..new_client() }, None).await;
            clients.push(described(&client, algorithm.as_str()));
        }
        input["clients"] = json!(clients);
        let mut program = Command::new(&python);
        program.arg(format!("{FOLDER}/authlib_client.py")).env("PYTHONDONTWRITEBYTECODE", "1");
        run(program, &input).await;
    })
    .await;
}
