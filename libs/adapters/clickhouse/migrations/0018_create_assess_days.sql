CREATE TABLE assess_days (
    partition UInt32 COMMENT 'of access.events',
    day UInt32 COMMENT 'UTC days since 1970: all rows of earlier days that the partition makes are stored'
)
ENGINE = ReplacingMergeTree(day)
ORDER BY partition
COMMENT 'How far ASSESS is with each partition: a snapshot of a day is built once every partition has reached it'
