-- Who is signed in. An ended session has the highest version there is, so that no late row can bring it back.
CREATE TABLE IF NOT EXISTS sessions
(
    id           FixedString(64)                        COMMENT 'SHA-256 of the cookie, hex: the cookie itself is not stored',
    version      UInt64                                 COMMENT 'Epoch ms of the last use; the maximum when ended',
    user         String                                 COMMENT 'Login name',
    created_at   DateTime64(3, 'UTC')                   COMMENT 'Wall time of signing in',
    last_seen_at DateTime64(3, 'UTC')                   COMMENT 'Wall time of the last use, to the minute',
    expires_at   DateTime64(3, 'UTC')                   COMMENT 'Absolute end',
    ended        Bool                                   COMMENT 'Signed out',
    address      String                                 COMMENT 'Where from',
    user_agent   String                                 COMMENT 'With what'
) ENGINE = ReplacingMergeTree(version)
ORDER BY id
TTL toDateTime(expires_at) + INTERVAL 30 DAY
SETTINGS index_granularity = 1024
