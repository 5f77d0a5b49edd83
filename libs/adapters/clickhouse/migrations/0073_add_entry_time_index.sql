-- A rebuild asks which events of a day have no entry: those of a day stand close together.
ALTER TABLE ledger_entries ADD INDEX IF NOT EXISTS by_time time TYPE minmax GRANULARITY 1
