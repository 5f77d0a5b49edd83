-- What people said of alerts, and when they took it back. Never changed, never forgotten; what ASSESS made of it stands in verdict_entries.
CREATE TABLE IF NOT EXISTS verdicts
(
    uid        String                                   COMMENT 'Id of the verdict, or of taking one back',
    kind       LowCardinality(String)                   COMMENT 'benign or malicious',
    scope      LowCardinality(String)                   COMMENT 'identity or peers: for whom a benign value is damped',
    identity   String                                   COMMENT 'Whom the alert is about',
    alert_uid  String                                   COMMENT 'The alert',
    author     String                                   COMMENT 'Who said so',
    reason     String                                   COMMENT 'Why, in the author''s words',
    at         DateTime64(3, 'UTC')                     COMMENT 'When: its place among the events',
    expires_at DateTime64(3, 'UTC')                     COMMENT 'Event time from which it counts no more',
    undoes     String                                   COMMENT 'The verdict that is taken back; empty: none',
    about      Array(String)                            COMMENT 'What was unusual, in sentences, strongest first',
    entries    String                                   COMMENT 'One entry for each ledger, as published, JSON' CODEC(ZSTD(3)),
    INDEX by_alert alert_uid TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_undone undoes TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree
ORDER BY uid
SETTINGS index_granularity = 1024
