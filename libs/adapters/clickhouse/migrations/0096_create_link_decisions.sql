-- Whose a disputed account is, as people decided, and when they took it back. Never changed, never forgotten: the newest of an account counts.
CREATE TABLE IF NOT EXISTS link_decisions
(
    uid      String                                     COMMENT 'Id of the decision, or of taking one back',
    at       DateTime64(3, 'UTC')                       COMMENT 'When',
    author   String                                     COMMENT 'Who',
    system   LowCardinality(String)                     COMMENT 'System of the account',
    name     String                                     COMMENT 'Login of the account',
    identity String                                     COMMENT 'Whose it is; empty: nobody''s, it stands on its own',
    reason   String                                     COMMENT 'Why, in the author''s words',
    undoes   String                                     COMMENT 'The decision that is taken back; empty: none'
) ENGINE = ReplacingMergeTree
ORDER BY uid
SETTINGS index_granularity = 1024
