-- Attempts to sign in that were checked (refused ones are not: an attacker can not make anybody wait longer by knocking).
CREATE TABLE IF NOT EXISTS login_attempts
(
    user    String                                      COMMENT 'Login name as given, lower case; need not exist',
    address String                                      COMMENT 'Network address',
    at      DateTime64(3, 'UTC')                        COMMENT 'Wall time',
    id      String                                      COMMENT 'Joins the attempt with its success',
    success Bool                                        COMMENT 'False when begun; a second row says true',
    INDEX by_address address TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree
ORDER BY (at, user)
TTL toDateTime(at) + INTERVAL 90 DAY
SETTINGS index_granularity = 1024
