-- What analysts did to alerts: append-only; the newest row of an alert is its status.
CREATE TABLE IF NOT EXISTS alert_actions
(
    uid       String DEFAULT toString(generateUUIDv4()) COMMENT 'Id of the act: a repeated insert is one act',
    alert_uid String                                    COMMENT 'Which alert',
    status    LowCardinality(String)                    COMMENT 'new, in_progress, resolved, false_positive or expected',
    author    String                                    COMMENT 'User who did it',
    at        DateTime64(3, 'UTC')                      COMMENT 'Wall time',
    note      String                                    COMMENT 'In the author''s words; empty: none'
) ENGINE = ReplacingMergeTree
ORDER BY (alert_uid, at, uid)
SETTINGS index_granularity = 1024
