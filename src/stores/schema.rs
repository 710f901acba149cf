// @generated automatically by Diesel CLI.

diesel::table! {
    use diesel::sql_types::{Bigint, Bool, Nullable, Varchar};
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
    }
}

diesel::table! {
    use diesel::sql_types::{Bigint, Bool, Nullable, Varchar};
    use crate::stores::db::Datetime;

    users (id) {
        id -> Bigint,
        #[max_length = 20]
        mobile -> Varchar,
        #[max_length = 64]
        name -> Varchar,
        #[max_length = 255]
        password_hash -> Varchar,
        #[max_length = 255]
        avatar_url -> Nullable<Varchar>,
        #[max_length = 16]
        status -> Varchar,
        created_at -> Datetime,
        updated_at -> Datetime,
        last_login_at -> Nullable<Datetime>,
        password_changed_at -> Datetime,
    }
}

diesel::joinable!(sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(sessions, users,);
