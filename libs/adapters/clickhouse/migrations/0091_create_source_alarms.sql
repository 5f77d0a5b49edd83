-- What is wrong with a source: it fell silent, its records come late, too many of them can't be read. The newest version is how it stands.
CREATE TABLE IF NOT EXISTS source_alarms
(
    uid       String                               COMMENT 'Of its alert: hash(source, kind, since)',
    version   UInt32                               COMMENT '1: raised; 2: over',
    source    LowCardinality(String)               COMMENT 'Source id as the topic names it',
    kind      LowCardinality(String)               COMMENT 'silent, late or rejecting',
    since     DateTime64(3, 'UTC')                 COMMENT 'silent: its last record; else the beginning of the hour that stood out',
    raised_at DateTime64(3, 'UTC')                 COMMENT 'Wall time',
    ended_at  Nullable(DateTime64(3, 'UTC'))       COMMENT 'Wall time; none: it still is so',
    sentence  String                               COMMENT 'What was seen, and what is usual',
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written; retention counts from here'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (source, uid)
TTL toDateTime(stored_at) + INTERVAL 400 DAY
SETTINGS index_granularity = 1024
