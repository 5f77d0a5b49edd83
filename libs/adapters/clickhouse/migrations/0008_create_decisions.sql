-- What people decided at the dashboard: approve, deny, revoke. Never changed, never forgotten.
CREATE TABLE IF NOT EXISTS decisions
(
    uid        String                                   COMMENT 'Id of the decision',
    kind       LowCardinality(String)                   COMMENT 'approve, deny or revoke',
    effect_uid String                                   COMMENT 'approve and deny: the effect; empty: none',
    alert_uid  String                                   COMMENT 'revoke: the alert it is about; empty: none',
    grant_uid  String                                   COMMENT 'revoke: the grant; empty: none',
    user       String                                   COMMENT 'Who decided',
    reason     String                                   COMMENT 'Why, in the user''s words',
    at         DateTime64(3, 'UTC')                     COMMENT 'Wall time',
    INDEX by_effect effect_uid TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree
ORDER BY uid
SETTINGS index_granularity = 1024
