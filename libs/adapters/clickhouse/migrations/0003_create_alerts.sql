-- Alerts as the pipeline made them; the newest version is the alert. What analysts did to them stands in alert_actions.
CREATE TABLE IF NOT EXISTS alerts
(
    uid          String                                 COMMENT 'hash(identity, dedupe key, window)',
    version      UInt64                                 COMMENT 'Grows when findings are added',
    identity     String                                 COMMENT 'Whom it is about',
    display_name String                                 COMMENT 'The identity''s name as people write it',
    title        String                                 COMMENT 'What it is about, one line',
    severity     LowCardinality(String)                 COMMENT 'informational, low, medium, high, critical',
    score        Float64                                COMMENT '0 to 100: how alarming its own findings are',
    entity_risk  Float64                                COMMENT '0 to 100: the identity''s decayed risk at last_time',
    first_time   DateTime64(3, 'UTC')                   COMMENT 'Event time of its first finding',
    last_time    DateTime64(3, 'UTC')                   COMMENT 'Event time of its last finding',
    dedupe_key   String                                 COMMENT 'What its findings have in common',
    detections   Array(LowCardinality(String))          COMMENT 'Detections that contributed',
    attack       Array(LowCardinality(String))          COMMENT 'MITRE ATT&CK technique ids',
    sources      Array(LowCardinality(String))          COMMENT 'Sources of its findings',
    finding_uids Array(String)                          COMMENT 'Its findings',
    event_uids   Array(String)                          COMMENT 'Events its findings stand on',
    grant_uids   Array(String)                          COMMENT 'Grants that are part of it',
    alert        String                                COMMENT 'The whole Alert as JSON' CODEC(ZSTD(3)),
    stored_at    DateTime64(3, 'UTC') DEFAULT now64(3)  COMMENT 'When this row was written; retention counts from here',
    INDEX by_last_time last_time TYPE minmax GRANULARITY 1,
    INDEX by_identity identity TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(version)
ORDER BY uid
TTL toDateTime(stored_at) + INTERVAL 400 DAY
SETTINGS index_granularity = 1024
