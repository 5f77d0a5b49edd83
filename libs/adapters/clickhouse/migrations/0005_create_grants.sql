-- Rights that identities hold for a time; the newest state of each wins.
CREATE TABLE IF NOT EXISTS grants
(
    uid          String                                 COMMENT 'hash(system, principal, entitlement, native id)',
    version      UInt64                                 COMMENT 'Epoch ms of the event or act the state was learned from',
    identity     String                                 COMMENT 'Who holds it',
    system       LowCardinality(String)                 COMMENT 'System that issued it',
    principal    String                                 COMMENT 'Account name in that system',
    entitlement  String                                 COMMENT '<system>:<kind>:<name>',
    jit          Bool                                   COMMENT 'For a time, or an activation of an eligibility',
    state        LowCardinality(String)                 COMMENT 'requested, approved, denied, eligible, active, expired, revoked',
    requester    String                                 COMMENT 'Account name of who asked; empty: unknown',
    approver     String                                 COMMENT 'Account name of who approved; empty: nobody',
    requested_at Nullable(DateTime64(3, 'UTC'))         COMMENT 'When it was asked for',
    starts_at    Nullable(DateTime64(3, 'UTC'))         COMMENT 'When it begins',
    ends_at      Nullable(DateTime64(3, 'UTC'))         COMMENT 'When it ends by itself; null: standing',
    ended_at     Nullable(DateTime64(3, 'UTC'))         COMMENT 'When it was revoked or seen to expire',
    grant_json   String                                COMMENT 'The whole Grant as JSON' CODEC(ZSTD(3)),
    stored_at    DateTime64(3, 'UTC') DEFAULT now64(3)  COMMENT 'When this row was written',
    INDEX by_identity identity TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree(version)
ORDER BY uid
SETTINGS index_granularity = 1024
