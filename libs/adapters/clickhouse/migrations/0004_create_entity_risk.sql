-- Risk of an identity each time it changed: the newest row is the risk as it stands, the others draw the curve.
CREATE TABLE IF NOT EXISTS entity_risk
(
    identity      String                                COMMENT 'Whose risk',
    at            DateTime64(3, 'UTC')                  COMMENT 'Event time the risk is stated for',
    risk          Float64                               COMMENT '0 to 100 at that instant; decays from there',
    contributions String                               COMMENT 'JSON array of RiskContribution: recomputes the risk for any later instant' CODEC(ZSTD(3)),
    stored_at     DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written; retention counts from here'
) ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (identity, at)
TTL toDateTime(stored_at) + INTERVAL 400 DAY
SETTINGS index_granularity = 1024
