-- A record of each reason why records are ignored, for people who connect a source. Kept for a week: it may hold personal data.
CREATE TABLE IF NOT EXISTS ignored_samples
(
    source    LowCardinality(String)                COMMENT 'Source id as the topic names it',
    reason    LowCardinality(String)                COMMENT 'Why it was ignored',
    topic     LowCardinality(String)                COMMENT 'Where the record came from',
    partition UInt32                                COMMENT 'Where the record came from',
    offset    UInt64                                COMMENT 'Where the record came from',
    bytes     UInt64                                COMMENT 'Size of the whole record',
    payload   String                                COMMENT 'The first 4 KiB, base64' CODEC(ZSTD(3)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written; retention counts from here'
) ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (source, reason)
TTL toDateTime(stored_at) + INTERVAL 7 DAY
