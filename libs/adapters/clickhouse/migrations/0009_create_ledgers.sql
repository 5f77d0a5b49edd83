-- State of each fold: loaded by ledger id before a batch, saved at a checkpoint. Equal offsets mean equal content, whoever wrote it.
-- Small granules: a load is many point reads of rows of 3 to 5 KB.
CREATE TABLE IF NOT EXISTS ledgers
(
    stage          LowCardinality(String)               COMMENT 'assess or alert',
    id             String                               COMMENT 'identity:<id>, network:<prefix> or credential:<account>',
    partition      UInt32                               COMMENT 'Partition of the topic the stage reads',
    through_offset UInt64                               COMMENT 'Last offset the state contains',
    state          String                              COMMENT 'JSON' CODEC(ZSTD(1)),
    stored_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written'
) ENGINE = ReplacingMergeTree(through_offset)
ORDER BY (stage, id)
SETTINGS index_granularity = 128
