-- Tokens of other programs. The newest version of each wins; a revoked one has the highest version there is.
CREATE TABLE IF NOT EXISTS api_tokens
(
    hash         FixedString(64)                        COMMENT 'SHA-256 of the token, hex: the token itself is not stored',
    version      UInt64                                 COMMENT 'Grows with each change; the maximum when revoked',
    id           String                                 COMMENT 'What people and the audit log call it by',
    name         String                                 COMMENT 'What it is for',
    scopes       Array(String)                          COMMENT 'ingest:<source>, ingest:*, read, respond',
    hint         String                                 COMMENT 'First characters of the token',
    created_by   String                                 COMMENT 'Login name',
    created_at   DateTime64(3, 'UTC')                   COMMENT 'Wall time',
    expires_at   Nullable(DateTime64(3, 'UTC'))         COMMENT 'Wall time; null: never',
    last_used_at Nullable(DateTime64(3, 'UTC'))         COMMENT 'Wall time, to the hour; null: never',
    revoked_at   Nullable(DateTime64(3, 'UTC'))         COMMENT 'Wall time; null: valid'
) ENGINE = ReplacingMergeTree(version)
ORDER BY hash
SETTINGS index_granularity = 1024
