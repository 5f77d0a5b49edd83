-- A ledger that has learned everything from an earlier bus contains nothing of the present one: 0 says so (docs/adr/0017).
ALTER TABLE ledgers COMMENT COLUMN through_offset 'Records of the bus that the state contains, as the offset of the next one: 0 is none'
