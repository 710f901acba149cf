-- The applications that people sign in to with their account here.
CREATE TABLE oauth_clients (
    id VARCHAR(64) NOT NULL CHECK (length(id) <= 64),
    name VARCHAR(128) NOT NULL CHECK (length(name) <= 128),
    auth_method VARCHAR(32) NOT NULL CHECK (length(auth_method) <= 32),
    secret_hash VARCHAR(64) NULL CHECK (length(secret_hash) <= 64),
    previous_secret_hash VARCHAR(64) NULL CHECK (length(previous_secret_hash) <= 64),
    previous_secret_until TIMESTAMP NULL,
    jwks VARCHAR(4096) NULL CHECK (length(jwks) <= 4096),
    redirect_uris VARCHAR(4096) NOT NULL CHECK (length(redirect_uris) <= 4096),
    post_logout_redirect_uris VARCHAR(2048) NOT NULL CHECK (length(post_logout_redirect_uris) <= 2048),
    back_channel_logout_uri VARCHAR(1024) NULL CHECK (length(back_channel_logout_uri) <= 1024),
    algorithm VARCHAR(8) NOT NULL CHECK (length(algorithm) <= 8),
    is_own BOOL NOT NULL,
    pairwise_salt VARCHAR(43) NULL CHECK (length(pairwise_salt) <= 43),
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (id)
);
-- What a person lets an application know. One row for each application that the person has signed in to.
CREATE TABLE oauth_consents (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id VARCHAR(64) NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
    scope VARCHAR(255) NOT NULL CHECK (length(scope) <= 255),
    created_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX oauth_consents_client_id_index ON oauth_consents (client_id);
-- One sign-in at an application: its code, and what the tokens say that come of it. Rows outlive their account and
-- session until the application was told of the end, so user_id refers to nothing.
CREATE TABLE oauth_grants (
    id VARCHAR(36) NOT NULL CHECK (length(id) <= 36),
    client_id VARCHAR(64) NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    session_id VARCHAR(36) NOT NULL CHECK (length(session_id) <= 36),
    issuer VARCHAR(255) NOT NULL CHECK (length(issuer) <= 255),
    scope VARCHAR(255) NOT NULL CHECK (length(scope) <= 255),
    amr VARCHAR(16) NULL CHECK (length(amr) <= 16),
    auth_time TIMESTAMP NOT NULL,
    nonce VARCHAR(512) NULL CHECK (length(nonce) <= 512),
    redirect_uri VARCHAR(2048) NOT NULL CHECK (length(redirect_uri) <= 2048),
    code_hash VARCHAR(64) NOT NULL CHECK (length(code_hash) <= 64),
    code_challenge VARCHAR(43) NULL CHECK (length(code_challenge) <= 43),
    code_expires_at TIMESTAMP NOT NULL,
    code_used_at TIMESTAMP NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    logout_attempts INT NOT NULL,
    logout_due_at TIMESTAMP NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX oauth_grants_code_hash_key ON oauth_grants (code_hash);
CREATE INDEX oauth_grants_client_id_index ON oauth_grants (client_id);
CREATE INDEX oauth_grants_user_id_index ON oauth_grants (user_id);
CREATE INDEX oauth_grants_expires_at_index ON oauth_grants (expires_at);
-- Access and refresh tokens, as SHA-256. They end with their grant.
CREATE TABLE oauth_tokens (
    token_hash VARCHAR(64) NOT NULL CHECK (length(token_hash) <= 64),
    grant_id VARCHAR(36) NOT NULL REFERENCES oauth_grants (id) ON DELETE CASCADE,
    kind VARCHAR(16) NOT NULL CHECK (length(kind) <= 16 AND kind IN ('access', 'refresh')),
    scope VARCHAR(255) NOT NULL CHECK (length(scope) <= 255),
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP NULL,
    PRIMARY KEY (token_hash)
);
CREATE INDEX oauth_tokens_grant_id_index ON oauth_tokens (grant_id);
CREATE INDEX oauth_tokens_expires_at_index ON oauth_tokens (expires_at);
