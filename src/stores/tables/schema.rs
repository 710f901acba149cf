// @generated automatically by Diesel CLI.

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    displaced_sessions (key_hash) {
        #[max_length = 64]
        key_hash -> Varchar,
        user_id -> Bigint,
        displaced_at -> Datetime,
        expires_at -> Datetime,
        #[max_length = 16]
        reason -> Varchar,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    idempotency_keys (key_hash) {
        #[max_length = 64]
        key_hash -> Varchar,
        #[max_length = 32]
        endpoint -> Varchar,
        #[max_length = 64]
        body_hmac -> Varchar,
        #[max_length = 16]
        state -> Varchar,
        status -> Nullable<Integer>,
        #[max_length = 2048]
        body -> Nullable<Varchar>,
        created_at -> Datetime,
        user_id -> Nullable<Bigint>,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    known_devices (device_hash, user_id) {
        #[max_length = 64]
        device_hash -> Varchar,
        user_id -> Bigint,
        #[max_length = 255]
        user_agent -> Varchar,
        last_used_at -> Datetime,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    oauth_clients (id) {
        #[max_length = 64]
        id -> Varchar,
        #[max_length = 128]
        name -> Varchar,
        #[max_length = 32]
        auth_method -> Varchar,
        #[max_length = 64]
        secret_hash -> Nullable<Varchar>,
        #[max_length = 64]
        previous_secret_hash -> Nullable<Varchar>,
        previous_secret_until -> Nullable<Datetime>,
        #[max_length = 4096]
        jwks -> Nullable<Varchar>,
        #[max_length = 4096]
        redirect_uris -> Varchar,
        #[max_length = 2048]
        post_logout_redirect_uris -> Varchar,
        #[max_length = 1024]
        back_channel_logout_uri -> Nullable<Varchar>,
        #[max_length = 8]
        algorithm -> Varchar,
        is_own -> Bool,
        #[max_length = 43]
        pairwise_salt -> Nullable<Varchar>,
        created_at -> Datetime,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    oauth_consents (user_id, client_id) {
        user_id -> Bigint,
        #[max_length = 64]
        client_id -> Varchar,
        #[max_length = 255]
        scope -> Varchar,
        created_at -> Datetime,
        last_used_at -> Datetime,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    oauth_grants (id) {
        #[max_length = 36]
        id -> Varchar,
        #[max_length = 64]
        client_id -> Varchar,
        user_id -> Bigint,
        #[max_length = 36]
        session_id -> Varchar,
        #[max_length = 255]
        issuer -> Varchar,
        #[max_length = 255]
        scope -> Varchar,
        #[max_length = 16]
        amr -> Nullable<Varchar>,
        auth_time -> Datetime,
        #[max_length = 512]
        nonce -> Nullable<Varchar>,
        #[max_length = 2048]
        redirect_uri -> Varchar,
        #[max_length = 64]
        code_hash -> Varchar,
        #[max_length = 43]
        code_challenge -> Nullable<Varchar>,
        code_expires_at -> Datetime,
        code_used_at -> Nullable<Datetime>,
        created_at -> Datetime,
        expires_at -> Datetime,
        logout_attempts -> Integer,
        logout_due_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    oauth_tokens (token_hash) {
        #[max_length = 64]
        token_hash -> Varchar,
        #[max_length = 36]
        grant_id -> Varchar,
        #[max_length = 16]
        kind -> Varchar,
        #[max_length = 255]
        scope -> Varchar,
        created_at -> Datetime,
        expires_at -> Datetime,
        used_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    sessions (key_hash) {
        #[max_length = 64]
        key_hash -> Varchar,
        #[max_length = 36]
        public_id -> Varchar,
        user_id -> Bigint,
        #[max_length = 16]
        kind -> Varchar,
        remember -> Bool,
        #[max_length = 255]
        device -> Varchar,
        #[max_length = 45]
        address -> Varchar,
        created_at -> Datetime,
        last_seen_at -> Datetime,
        expires_at -> Datetime,
        #[max_length = 45]
        last_address -> Nullable<Varchar>,
        #[max_length = 16]
        amr -> Nullable<Varchar>,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    signing_keys (generation) {
        generation -> Integer,
        #[max_length = 8]
        algorithm -> Varchar,
        #[max_length = 43]
        kid -> Varchar,
        #[max_length = 512]
        public_key -> Varchar,
        #[max_length = 2048]
        private_key -> Varchar,
        created_at -> Datetime,
        retired_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    sms_attempts (message_id, position) {
        #[max_length = 32]
        message_id -> Varchar,
        position -> Integer,
        #[max_length = 20]
        mobile -> Varchar,
        #[max_length = 16]
        provider -> Varchar,
        #[max_length = 16]
        outcome -> Varchar,
        #[max_length = 64]
        provider_message_id -> Nullable<Varchar>,
        #[max_length = 64]
        provider_error -> Nullable<Varchar>,
        took_ms -> Integer,
        asked_at -> Datetime,
        #[max_length = 16]
        receipt -> Nullable<Varchar>,
        #[max_length = 64]
        receipt_error -> Nullable<Varchar>,
        receipt_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    sms_events (mobile, purpose, event) {
        #[max_length = 20]
        mobile -> Varchar,
        #[max_length = 16]
        purpose -> Varchar,
        #[max_length = 32]
        event -> Varchar,
        #[max_length = 45]
        address -> Varchar,
        times -> Integer,
        first_at -> Datetime,
        last_at -> Datetime,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    sms_messages (id) {
        #[max_length = 32]
        id -> Varchar,
        #[max_length = 20]
        mobile -> Varchar,
        #[max_length = 16]
        purpose -> Varchar,
        #[max_length = 45]
        address -> Varchar,
        #[max_length = 16]
        outcome -> Varchar,
        #[max_length = 16]
        provider -> Nullable<Varchar>,
        #[max_length = 64]
        provider_message_id -> Nullable<Varchar>,
        #[max_length = 64]
        provider_error -> Nullable<Varchar>,
        created_at -> Datetime,
        finished_at -> Nullable<Datetime>,
        #[max_length = 24]
        quota -> Varchar,
        verified_at -> Nullable<Datetime>,
    }
}

diesel::table! {
    use diesel::sql_types::Bigint;
    use diesel::sql_types::Bool;
    use diesel::sql_types::Integer;
    use diesel::sql_types::Nullable;
    use diesel::sql_types::Varchar;
    use crate::stores::db::Datetime;

    users (id) {
        id -> Bigint,
        #[max_length = 20]
        mobile -> Varchar,
        #[max_length = 64]
        name -> Varchar,
        #[max_length = 255]
        password_hash -> Nullable<Varchar>,
        #[max_length = 255]
        avatar_url -> Nullable<Varchar>,
        #[max_length = 16]
        status -> Varchar,
        created_at -> Datetime,
        updated_at -> Datetime,
        last_login_at -> Nullable<Datetime>,
        password_changed_at -> Datetime,
        password_failures -> Integer,
        code_failures -> Integer,
        #[max_length = 32]
        terms_version -> Nullable<Varchar>,
        terms_accepted_at -> Nullable<Datetime>,
        #[max_length = 128]
        external_id -> Nullable<Varchar>,
    }
}

diesel::joinable!(displaced_sessions -> users (user_id));
diesel::joinable!(idempotency_keys -> users (user_id));
diesel::joinable!(known_devices -> users (user_id));
diesel::joinable!(oauth_consents -> oauth_clients (client_id));
diesel::joinable!(oauth_consents -> users (user_id));
diesel::joinable!(oauth_grants -> oauth_clients (client_id));
diesel::joinable!(oauth_tokens -> oauth_grants (grant_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(sms_attempts -> sms_messages (message_id));

diesel::allow_tables_to_appear_in_same_query!(
    displaced_sessions,
    idempotency_keys,
    known_devices,
    oauth_clients,
    oauth_consents,
    oauth_grants,
    oauth_tokens,
    sessions,
    signing_keys,
    sms_attempts,
    sms_events,
    sms_messages,
    users,
);
