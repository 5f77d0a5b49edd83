-- What became of each webhook: one row a delivery, the newest state wins.
CREATE TABLE IF NOT EXISTS deliveries
(
    id         String                                   COMMENT 'webhook-id: the same on every try',
    sink       LowCardinality(String)                   COMMENT 'Id of the sink',
    alert_uid  String                                   COMMENT 'Alert that is told of',
    state      LowCardinality(String)                   COMMENT 'pending, delivered or failed',
    attempts   UInt32                                   COMMENT 'Tries so far',
    last_error String                                   COMMENT 'Why the last try failed; empty: it did not',
    updated_at DateTime64(3, 'UTC')                     COMMENT 'Wall time of the last change',
    INDEX by_alert alert_uid TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(updated_at)
ORDER BY id
TTL toDateTime(updated_at) + INTERVAL 400 DAY
SETTINGS index_granularity = 1024
