-- Who did what at the dashboard or with a token. Append-only.
CREATE TABLE IF NOT EXISTS audit_log
(
    id      String                                      COMMENT 'Id of the act',
    at      DateTime64(3, 'UTC')                        COMMENT 'Wall time',
    user    String                                      COMMENT 'Login name, token:<name>, or the name that a failed login gave',
    action  LowCardinality(String)                      COMMENT 'session.login, alert.status, decision.approve ...',
    object  String                                      COMMENT 'What it was done to',
    outcome LowCardinality(String)                      COMMENT 'success or failure',
    detail  String                                      COMMENT 'One line; never a secret',
    address String                                      COMMENT 'Network address'
) ENGINE = MergeTree
ORDER BY (at, id)
SETTINGS index_granularity = 1024
