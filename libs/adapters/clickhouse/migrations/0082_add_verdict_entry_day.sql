-- A verdict that reaches ASSESS when its partition is in a later day counts from there, so that snapshots hold the same whoever builds them when.
ALTER TABLE verdict_entries
    ADD COLUMN IF NOT EXISTS day UInt32 DEFAULT toUInt32(toDate(at))
        COMMENT 'UTC days since 1970: the snapshot of the next day is the first to heed it'
        AFTER at
