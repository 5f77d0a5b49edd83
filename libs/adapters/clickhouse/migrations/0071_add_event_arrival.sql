-- Whether the row came in time for the snapshots: they leave out what came late, so that it does not matter who built them when (docs/adr/0025).
ALTER TABLE access_events
    ADD COLUMN IF NOT EXISTS arrival LowCardinality(String) DEFAULT ''
        COMMENT 'in_time, late (its partition had come to a later UTC day); empty: stored before this was noted'
        AFTER snapshot
