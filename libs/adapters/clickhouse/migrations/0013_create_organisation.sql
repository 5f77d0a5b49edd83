-- Context records as imported: identities, assets, groups, roles, tickets, the sod policy. The newest version of each wins.
CREATE TABLE IF NOT EXISTS organisation
(
    kind      LowCardinality(String)                    COMMENT 'identity, asset, group, role, ticket or sod',
    id        String                                    COMMENT 'The record''s id within its kind',
    version   UInt64                                    COMMENT 'Grows with each change of the record',
    deleted   Bool                                      COMMENT 'True: taken out',
    json      String                                   COMMENT 'The record as JSON, unknown fields kept' CODEC(ZSTD(3)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)     COMMENT 'When this row was written'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (kind, id)
SETTINGS index_granularity = 1024
