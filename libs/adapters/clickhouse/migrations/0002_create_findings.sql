-- What detections, segregation-of-duties rules and scores said. Few compared with events: found by day and identity.
CREATE TABLE IF NOT EXISTS findings
(
    uid         String                                  COMMENT 'hash(detection, event uid): a replay gives the same',
    detection   LowCardinality(String)                  COMMENT 'Id of the detection or rule',
    title       String                                  COMMENT 'The detection''s title',
    kind        LowCardinality(String)                  COMMENT 'rule, behaviour or sod',
    severity    LowCardinality(String)                  COMMENT 'informational, low, medium, high, critical',
    identity    String                                  COMMENT 'Whom it is about',
    source      LowCardinality(String)                  COMMENT 'Source of the event that completed it',
    time        DateTime64(3, 'UTC')                    COMMENT 'Event time',
    event_uid   String                                  COMMENT 'The event that completed it',
    event_uids  Array(String)                           COMMENT 'All events it stands on, oldest first',
    p           Float64                                 COMMENT 'How rarely it is innocent',
    dedupe_key  String                                  COMMENT 'Findings with the same key within a window are one alert',
    sentence    String                                  COMMENT 'What happened, one plain sentence',
    attack      Array(LowCardinality(String))           COMMENT 'MITRE ATT&CK technique ids',
    grant_uids  Array(String)                           COMMENT 'Grants that are part of it',
    finding     String                                 COMMENT 'The whole Finding as JSON' CODEC(ZSTD(3)),
    stored_at   DateTime64(3, 'UTC') DEFAULT now64(3)   COMMENT 'When this row was written; retention counts from here',
    INDEX by_uid uid TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_event event_uid TYPE bloom_filter(0.001) GRANULARITY 1
) ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY toYYYYMM(time)
ORDER BY (toDate(time), identity, time, uid)
TTL toDateTime(stored_at) + INTERVAL 400 DAY
