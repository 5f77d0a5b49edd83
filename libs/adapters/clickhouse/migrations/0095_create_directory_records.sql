-- What directories tell of accounts and groups: imported accounts, users and groups of SCIM clients. Whose an account is, is found out when it is read.
CREATE TABLE IF NOT EXISTS directory_records
(
    kind      LowCardinality(String)                    COMMENT 'account (imported), user or group (SCIM)',
    system    LowCardinality(String)                    COMMENT 'The system that keeps the account',
    id        String                                    COMMENT 'account: <system>:<name>; user and group: the id that SCIM clients know it by',
    name      String                                    COMMENT 'Login or name of the group, lower case',
    external  String                                    COMMENT 'The client''s own id of it; empty: none',
    version   UInt64                                    COMMENT 'Grows with each change of the record',
    deleted   Bool                                      COMMENT 'True: taken out, or deleted by the client',
    ended_at  Nullable(DateTime64(3, 'UTC'))            COMMENT 'Since when it is inactive or gone',
    made_at   DateTime64(3, 'UTC')                      COMMENT 'When it became known',
    json      String                                    COMMENT 'The account, or the SCIM resource as sent, JSON' CODEC(ZSTD(3)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)     COMMENT 'When this row was written',
    INDEX by_name name TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_external external TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(version)
ORDER BY (kind, system, id)
SETTINGS index_granularity = 1024
