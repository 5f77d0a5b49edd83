-- Which version of its alert a delivery tells of.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS alert_version UInt32 COMMENT 'Version of the alert that is told of' AFTER alert_uid
