//! The scripts, and how one is run: by its name, and told to a server that does not know it yet.

use futures_util::future::try_join_all;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, Script, ServerErrorKind, ToRedisArgs};

use super::client::Link;

pub(super) struct Scripts {
    pub(super) offer: Script,
    pub(super) guess: Script,
    pub(super) put_back: Script,
    pub(super) withdraw: Script,
    pub(super) reserve: Script,
    pub(super) fill: Script,
    pub(super) tally: Script,
}

impl Scripts {
    pub(super) fn load() -> Self {
        Self {
            offer: Script::new(include_str!("../lua/offer.lua")),
            guess: Script::new(include_str!("../lua/guess.lua")),
            put_back: Script::new(include_str!("../lua/put_back.lua")),
            withdraw: Script::new(include_str!("../lua/withdraw.lua")),
            reserve: Script::new(include_str!("../lua/reserve.lua")),
            fill: Script::new(include_str!("../lua/fill.lua")),
            tally: Script::new(include_str!("../lua/tally.lua")),
        }
    }
}

/// A call with its keys; arguments follow.
///
/// A command of our own, because the client's `ScriptInvocation` allocates every argument, and copies them.
pub(super) fn call<K: ToRedisArgs>(script: &Script, keys: &[K]) -> Cmd {
    let mut call = Cmd::with_capacity(24, 384);
    call.arg("EVALSHA").arg(script.get_hash()).arg(keys.len()).arg(keys);
    call
}

/// Runs it.
pub(super) async fn run<T: FromRedisValue>(
    mut link: Link,
    script: &Script,
    call: &Cmd,
) -> Result<T, RedisError> {
    match call.query_async(&mut link).await {
        Err(error) if is_unknown(&error) => {
            script.load_async(&mut link).await?;
            call.query_async(&mut link).await
        }
        answer => answer,
    }
}

/// Runs one script several times at once.
pub(super) async fn run_all<T: FromRedisValue>(
    mut link: Link,
    script: &Script,
    calls: Vec<Cmd>,
) -> Result<Vec<T>, RedisError> {
    if calls.len() == 1 || matches!(link, Link::Cluster(_)) {
        let answers = calls.iter().map(|it| run(link.clone(), script, it));
        return try_join_all(answers).await;
    }
    let mut pipe = redis::pipe();
    for call in calls {
        pipe.add_command(call);
    }
    match pipe.query_async(&mut link).await {
        // Then none of the calls was made.
        Err(error) if is_unknown(&error) => {
            script.load_async(&mut link).await?;
            pipe.query_async(&mut link).await
        }
        answers => answers,
    }
}

/// A server that has just started knows no script.
fn is_unknown(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}
