-- The decision log: append-only, hash-chained. No retention: an audit log is not forgotten by itself.
-- The hash is part of the key, so two different links at one place of a chain both stay visible to `keyward doctor`.
CREATE TABLE IF NOT EXISTS effects
(
    chain       LowCardinality(String)                  COMMENT 'One writer at a time: the partition it came from',
    seq         UInt64                                  COMMENT 'Place in the chain, from 0',
    hash        String                                  COMMENT 'SHA-256 over the canonical JSON of all other fields',
    prev_hash   String                                  COMMENT 'Hash of the link before; empty at the start',
    uid         String                                  COMMENT 'hash(alert, grant, connector): steps of one revocation share it',
    at          DateTime64(3, 'UTC')                    COMMENT 'Wall time of the step',
    state       LowCardinality(String)                  COMMENT 'observed, held, awaiting_approval ... verified, failed',
    mode        LowCardinality(String)                  COMMENT 'observe, approve or enforce',
    rule        String                                  COMMENT 'Id of the policy rule, or manual',
    alert_uid   String                                  COMMENT 'Alert it answers',
    identity    String                                  COMMENT 'Whose grant',
    grant_uid   String                                  COMMENT 'Grant it takes back',
    entitlement String                                  COMMENT '<system>:<kind>:<name>',
    connector   String                                  COMMENT 'Connector that acts',
    actor       String                                  COMMENT 'keyward, or the user who decided',
    effect      String                                 COMMENT 'The whole Effect as JSON: what the hash is over' CODEC(ZSTD(3)),
    stored_at   DateTime64(3, 'UTC') DEFAULT now64(3)   COMMENT 'When this row was written',
    INDEX by_uid uid TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_alert alert_uid TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_at at TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree
ORDER BY (chain, seq, hash)
SETTINGS index_granularity = 1024
