-- Verdicts that ASSESS has taken into profiles: what snapshots are built from and a rebuild folds again. Written like rows: a redelivered one replaces its row.
CREATE TABLE IF NOT EXISTS verdict_entries
(
    at        DateTime64(3, 'UTC')                      COMMENT 'When the verdict was given: the snapshot of the next UTC day heeds it',
    uid       String                                    COMMENT 'Of the verdict, or of taking one back',
    ledger    String                                    COMMENT 'identity:<id> or credential:<account>',
    kind      LowCardinality(String)                    COMMENT 'benign or malicious',
    identity  String                                    COMMENT 'Whose habits the ledger holds',
    undoes    String                                    COMMENT 'The verdict that is taken back; empty: none',
    entry     String                                    COMMENT 'The whole entry, with the events that it is about, JSON' CODEC(ZSTD(3)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)     COMMENT 'When this row was written'
) ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (at, uid, ledger)
SETTINGS index_granularity = 1024
