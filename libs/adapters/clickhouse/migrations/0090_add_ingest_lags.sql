-- What the page of the sources shows, and what their rhythm is learned from. Rows from before have none of it: they tell their minute only.
ALTER TABLE ingest_minutes
    ADD COLUMN IF NOT EXISTS last_arrival Nullable(DateTime64(3, 'UTC')) COMMENT 'When the newest of the records arrived' AFTER last_event_time,
    ADD COLUMN IF NOT EXISTS arrivals Map(UInt32, UInt64) COMMENT 'Vendor records by minute of arrival, minutes since 1970' AFTER last_arrival,
    ADD COLUMN IF NOT EXISTS lags Map(UInt8, UInt64) COMMENT 'Kept events by arrival minus event time: step 0 up to a second, n up to 2^(n/4) seconds' AFTER arrivals,
    ADD COLUMN IF NOT EXISTS unplaced UInt64 COMMENT 'Kept events with an address of the internet whose place is unknown' AFTER lags,
    ADD COLUMN IF NOT EXISTS unresolved UInt64 COMMENT 'Kept events whose actor is an account of nobody known' AFTER unplaced
