-- Population snapshots. The first one stored for a day is the one everybody uses.
CREATE TABLE IF NOT EXISTS snapshots
(
    day       UInt32                                    COMMENT 'Whole UTC days since 1970 from whose start it may be used',
    id        String                                    COMMENT 'Identifies the content',
    previous  String                                    COMMENT 'Id of the snapshot it was built upon',
    events    UInt64                                    COMMENT 'Events added to the previous one',
    body      String                                   COMMENT 'The encoded snapshot' CODEC(ZSTD(3)),
    stored_at DateTime64(6, 'UTC') DEFAULT now64(6)     COMMENT 'When this row was written'
) ENGINE = MergeTree
ORDER BY (day, stored_at)
SETTINGS index_granularity = 1
