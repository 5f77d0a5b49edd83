-- How many records of each source were kept, ignored and rejected. The origin is the key, so a replay doubles nothing.
CREATE TABLE IF NOT EXISTS ingest_minutes
(
    source          LowCardinality(String)              COMMENT 'Source id as the topic names it',
    minute          DateTime('UTC')                     COMMENT 'Start of the minute of arrival',
    topic           LowCardinality(String)              COMMENT 'Where the records came from',
    partition       UInt32                              COMMENT 'Where the records came from',
    first_offset    UInt64                              COMMENT 'Offset of the first record counted',
    kept            UInt64                              COMMENT 'Became events',
    ignored         Map(LowCardinality(String), UInt64) COMMENT 'By reason',
    rejected        Map(LowCardinality(String), UInt64) COMMENT 'By error code',
    last_event_time Nullable(DateTime64(3, 'UTC'))      COMMENT 'Newest event time among the kept',
    stored_at       DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written'
) ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (source, minute, topic, partition, first_offset)
TTL minute + INTERVAL 400 DAY
