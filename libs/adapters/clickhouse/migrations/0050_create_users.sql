-- People who may sign in. The newest version of each wins; a deleted one stays as a row, so that the audit log keeps its meaning.
CREATE TABLE IF NOT EXISTS users
(
    name                 String                         COMMENT 'Login name, lower case',
    version              UInt64                         COMMENT 'Grows with each change',
    display_name         String                         COMMENT 'Name as people write it',
    role                 LowCardinality(String)         COMMENT 'viewer, analyst, responder or admin',
    password_hash        String                         COMMENT 'argon2id, with its parameters and salt',
    disabled             Bool                           COMMENT 'May not sign in',
    deleted              Bool                           COMMENT 'Taken out',
    must_change_password Bool                           COMMENT 'The password was made by somebody else',
    sessions_valid_from  DateTime64(3, 'UTC')           COMMENT 'Sessions that began before are void: password, role or state changed',
    created_at           DateTime64(3, 'UTC')           COMMENT 'Wall time',
    changed_at           DateTime64(3, 'UTC')           COMMENT 'Wall time of the last change',
    last_login_at        Nullable(DateTime64(3, 'UTC')) COMMENT 'Wall time; null: never'
) ENGINE = ReplacingMergeTree(version)
ORDER BY name
SETTINGS index_granularity = 1024
