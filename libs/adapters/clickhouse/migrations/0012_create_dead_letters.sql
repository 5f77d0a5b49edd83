-- Records that nobody could read, with where they came from. Kept for a month: they may hold personal data in any shape.
CREATE TABLE IF NOT EXISTS dead_letters
(
    topic     LowCardinality(String)                    COMMENT 'Where the record came from',
    partition UInt32                                    COMMENT 'Where the record came from',
    offset    UInt64                                    COMMENT 'Where the record came from',
    source    LowCardinality(String)                    COMMENT 'Source id as the topic names it; need not be a known one',
    code      LowCardinality(String)                    COMMENT 'Why it was rejected: stable code',
    message   String                                    COMMENT 'What was wrong and where, without the record''s own text',
    bytes     UInt64                                    COMMENT 'Size of the whole record',
    payload   String                                   COMMENT 'The first 64 KiB, base64' CODEC(ZSTD(3)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)     COMMENT 'When this row was written; retention counts from here'
) ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (topic, partition, offset)
TTL toDateTime(stored_at) + INTERVAL 30 DAY
