-- What each ledger has taken in, in its order: with the events, the history that `keyward rebuild` folds again (docs/adr/0025).
-- Sorting key: a rebuild works through days, and within a day through one ledger after the other. A redelivered entry replaces its row.
CREATE TABLE IF NOT EXISTS ledger_entries
(
    day            UInt32                               COMMENT 'Newest UTC day of any event in the ledger so far, days since 1970: never goes back within a ledger',
    ledger         String                               COMMENT 'identity:<id>, network:<prefix> or credential:<account>',
    number         UInt32                               COMMENT 'Entries that the ledger had taken in before',
    event_uid      String                               COMMENT 'Of the event in access_events',
    part           LowCardinality(String)               COMMENT 'Why the event stands in the ledger: actor, target, network, credential',
    is_primary     Bool                                 COMMENT 'The entry that made the event''s row',
    time           DateTime64(3, 'UTC')                 COMMENT 'Event time',
    partition      UInt32                               COMMENT 'Of access.events',
    through_offset UInt64                               COMMENT 'Place of the entry, as in ledgers; 0: on an earlier bus' CODEC(Delta, ZSTD(1)),
    through_place  String                               COMMENT 'Rest of the place, as in ledgers' CODEC(ZSTD(1)),
    stored_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When this row was written; retention counts from here' CODEC(Delta, ZSTD(1))
) ENGINE = ReplacingMergeTree(stored_at)
PARTITION BY intDiv(day, 30)
ORDER BY (day, ledger, number)
TTL toDateTime(stored_at) + INTERVAL 400 DAY
