-- Backtests asked for through the API: what was asked, how far it is, what came of it. A row that ends one outranks all that say it runs.
CREATE TABLE IF NOT EXISTS backtests
(
    id         String                                   COMMENT 'Random',
    version    UInt64                                   COMMENT 'Wall time of the row, epoch ms; plus 2^52 when it is over',
    state      LowCardinality(String)                   COMMENT 'waiting, running, done, failed or cancelled',
    author     String                                   COMMENT 'Who asked for it',
    created_at DateTime64(3, 'UTC')                     COMMENT 'Wall time',
    updated_at DateTime64(3, 'UTC')                     COMMENT 'Wall time; the process that runs it renews it every few seconds',
    span_from  DateTime64(3, 'UTC')                     COMMENT 'Event time, inclusive',
    span_to    DateTime64(3, 'UTC')                     COMMENT 'Event time, exclusive',
    change     String                                   COMMENT 'JSON of what was asked for' CODEC(ZSTD(3)),
    progress   String                                   COMMENT 'JSON: phase, done, of; empty: not begun',
    error      String                                   COMMENT 'Why it failed, one sentence; empty: it did not',
    result     String                                   COMMENT 'JSON of the result; empty: none yet' CODEC(ZSTD(3)),
    stored_at  DateTime64(3, 'UTC') DEFAULT now64(3)    COMMENT 'When this row was written'
) ENGINE = ReplacingMergeTree(version)
ORDER BY id
TTL toDateTime(stored_at) + INTERVAL 90 DAY
SETTINGS index_granularity = 64
