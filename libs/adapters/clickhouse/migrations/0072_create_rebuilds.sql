-- Rebuilds. While one that writes is under way ASSESS does not start; one that was interrupted while it put its tables in place is finished first.
CREATE TABLE IF NOT EXISTS rebuilds
(
    id    String                                        COMMENT 'Of the run',
    state LowCardinality(String)                        COMMENT 'checking, building (both told every few seconds), replacing, done, given_up',
    at    DateTime64(3, 'UTC') DEFAULT now64(3)         COMMENT 'Wall time'
) ENGINE = MergeTree
ORDER BY at
SETTINGS index_granularity = 1024
