//! The Lua scripts. They are called by their hash, and loaded into a server that does not know them yet.

use futures_util::future::try_join_all;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind, ToRedisArgs};

use super::client::RedisClient;

pub(super) struct Scripts {
    pub(super) issue: Script,
    pub(super) verify: Script,
    pub(super) restore: Script,
    pub(super) revoke: Script,
    pub(super) acquire: Script,
    pub(super) wait: Script,
    pub(super) fill: Script,
    pub(super) record_operation: Script,
    pub(super) judge: Script,
}

impl Scripts {
    pub(super) fn load() -> Self {
        Self {
            issue: Script::new(include_str!("../lua/issue.lua")),
            verify: Script::new(include_str!("../lua/verify.lua")),
            restore: Script::new(include_str!("../lua/restore.lua")),
            revoke: Script::new(include_str!("../lua/revoke.lua")),
            acquire: Script::new(include_str!("../lua/acquire.lua")),
            wait: Script::new(include_str!("../lua/wait.lua")),
            fill: Script::new(include_str!("../lua/fill.lua")),
            record_operation: Script::new(include_str!("../lua/record_operation.lua")),
            judge: Script::new(include_str!("../lua/judge.lua")),
        }
    }
}

/// Returns a call of a script with its keys, to which the caller appends the arguments.
///
/// The `redis` crate's own `ScriptInvocation` would allocate and copy every argument.
pub(super) fn call<K: ToRedisArgs>(script: &Script, keys: &[K]) -> Cmd {
    let mut call = Cmd::with_capacity(24, 384);
    call.arg("EVALSHA").arg(script.get_hash()).arg(keys.len()).arg(keys);
    call
}

/// Runs one call.
pub(super) async fn run<T: FromRedisValue>(
    mut client: RedisClient,
    script: &Script,
    call: &Cmd,
) -> Result<T, RedisError> {
    match call.query_async(&mut client).await {
        Err(error) if is_script_unknown(&error) => {
            script.load_async(&mut client).await?;
            call.query_async(&mut client).await
        }
        response => response,
    }
}

/// Runs several calls of one script concurrently: in one round trip to a single server, in one for each call to a Cluster.
pub(super) async fn run_all<T: FromRedisValue>(
    mut client: RedisClient,
    script: &Script,
    calls: Vec<Cmd>,
) -> Result<Vec<T>, RedisError> {
    if calls.len() == 1 || matches!(client, RedisClient::Cluster(_)) {
        return try_join_all(calls.iter().map(|call| run(client.clone(), script, call))).await;
    }
    let mut pipeline = redis::pipe();
    for call in calls {
        pipeline.add_command(call);
    }
    match pipeline.query_async(&mut client).await {
        // If the script is unknown, none of the calls has been executed, so all can be repeated.
        Err(error) if is_script_unknown(&error) => {
            script.load_async(&mut client).await?;
            pipeline.query_async(&mut client).await
        }
        responses => responses,
    }
}

/// A server that has restarted knows no scripts.
fn is_script_unknown(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}
