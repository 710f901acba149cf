-- The applications that people sign in to with their account here.
CREATE TABLE oauth_clients (
    id VARCHAR(64) NOT NULL,
    name VARCHAR(128) NOT NULL,
    auth_method VARCHAR(32) NOT NULL,
    secret_hash VARCHAR(64) NULL,
    previous_secret_hash VARCHAR(64) NULL,
    previous_secret_until DATETIME(6) NULL,
    jwks VARCHAR(4096) NULL,
    redirect_uris VARCHAR(4096) NOT NULL,
    post_logout_redirect_uris VARCHAR(2048) NOT NULL,
    back_channel_logout_uri VARCHAR(1024) NULL,
    algorithm VARCHAR(8) NOT NULL,
    is_own BOOL NOT NULL,
    pairwise_salt VARCHAR(43) NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
-- What a person lets an application know. One row for each application that the person has signed in to.
CREATE TABLE oauth_consents (
    user_id BIGINT NOT NULL,
    client_id VARCHAR(64) NOT NULL,
    scope VARCHAR(255) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    last_used_at DATETIME(6) NOT NULL,
    PRIMARY KEY (user_id, client_id),
    KEY oauth_consents_client_id_index (client_id),
    CONSTRAINT oauth_consents_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT oauth_consents_client_id_fkey FOREIGN KEY (client_id) REFERENCES oauth_clients (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
-- One sign-in at an application: its code, and what the tokens say that come of it. Rows outlive their account and
-- session until the application was told of the end, so user_id refers to nothing.
CREATE TABLE oauth_grants (
    id VARCHAR(36) NOT NULL,
    client_id VARCHAR(64) NOT NULL,
    user_id BIGINT NOT NULL,
    session_id VARCHAR(36) NOT NULL,
    issuer VARCHAR(255) NOT NULL,
    scope VARCHAR(255) NOT NULL,
    amr VARCHAR(16) NULL,
    auth_time DATETIME(6) NOT NULL,
    nonce VARCHAR(512) NULL,
    redirect_uri VARCHAR(2048) NOT NULL,
    code_hash VARCHAR(64) NOT NULL,
    code_challenge VARCHAR(43) NULL,
    code_expires_at DATETIME(6) NOT NULL,
    code_used_at DATETIME(6) NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    logout_attempts INT NOT NULL,
    logout_due_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY oauth_grants_code_hash_key (code_hash),
    KEY oauth_grants_client_id_index (client_id),
    KEY oauth_grants_user_id_index (user_id),
    KEY oauth_grants_expires_at_index (expires_at),
    CONSTRAINT oauth_grants_client_id_fkey FOREIGN KEY (client_id) REFERENCES oauth_clients (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
-- Access and refresh tokens, as SHA-256. They end with their grant.
CREATE TABLE oauth_tokens (
    token_hash VARCHAR(64) NOT NULL,
    grant_id VARCHAR(36) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    scope VARCHAR(255) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NULL,
    PRIMARY KEY (token_hash),
    KEY oauth_tokens_grant_id_index (grant_id),
    KEY oauth_tokens_expires_at_index (expires_at),
    CONSTRAINT oauth_tokens_kind_check CHECK (kind IN ('access', 'refresh')),
    CONSTRAINT oauth_tokens_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES oauth_grants (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
