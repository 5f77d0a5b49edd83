// Names are compared as text: a `name` parameter would be cut silently at 63 bytes and could then be another role.

/** $1 role, $2 member: who granted the direct memberships. */
export const DIRECT_MEMBERSHIP = `/* keyward: direct membership */
SELECT grantor.rolname AS grantor
FROM pg_auth_members AS m
JOIN pg_roles AS role ON role.oid = m.roleid
JOIN pg_roles AS member ON member.oid = m.member
JOIN pg_roles AS grantor ON grantor.oid = m.grantor
WHERE role.rolname = $1::text AND member.rolname = $2::text
ORDER BY 1`;

/** $1 role, $2 member: every chain of memberships from the member to the role, shortest first, both ends included. */
export const PATHS_TO_ROLE = `/* keyward: paths to role */
WITH RECURSIVE chain (oid, path) AS (
  SELECT oid, ARRAY[rolname::text] FROM pg_roles WHERE rolname = $2::text
  UNION ALL
  SELECT role.oid, chain.path || role.rolname::text
  FROM chain
  JOIN pg_auth_members AS m ON m.member = chain.oid
  JOIN pg_roles AS role ON role.oid = m.roleid
  WHERE role.rolname::text <> ALL (chain.path) AND chain.path[array_upper(chain.path, 1)] <> $1::text
)
SELECT path FROM chain WHERE path[array_upper(path, 1)] = $1::text AND array_length(path, 1) > 1
ORDER BY array_length(path, 1), path LIMIT 5`;

/**
 * Without pg_read_all_stats the server hides kind and start of other users' sessions: then each counts as a client's, and as old.
 * Sessions that may act through the member: its own, and those of its members that have no other way to the role. $1 role, $2 member.
 */
const SESSIONS = `
WITH RECURSIVE through (oid) AS (
  SELECT oid FROM pg_roles WHERE rolname = $2::text
  UNION
  SELECT m.member FROM through JOIN pg_auth_members AS m ON m.roleid = through.oid
), sessions AS (
  SELECT a.pid, a.backend_start
  FROM pg_stat_activity AS a
  JOIN through ON through.oid = a.usesysid
  JOIN pg_roles AS login ON login.oid = a.usesysid
  LEFT JOIN pg_roles AS role ON role.rolname = $1::text
  WHERE coalesce(a.backend_type, 'client backend') = 'client backend' AND a.pid <> pg_backend_pid()
    AND (login.rolname = $2::text OR role.oid IS NULL OR NOT pg_has_role(a.usesysid, role.oid, 'MEMBER'))
)`;

/** Ends them and waits up to five seconds for each to be gone. */
export const END_SESSIONS = `/* keyward: end sessions */${SESSIONS}
SELECT pg_terminate_backend(pid, 5000) AS ended FROM sessions`;

/** $3 server time of the revocation, or null when another process made it: then what is older than half a minute counts. */
export const OPEN_SESSIONS = `/* keyward: open sessions */${SESSIONS}
SELECT count(*)::int AS sessions FROM sessions
WHERE coalesce(backend_start, '-infinity') < coalesce($3::timestamptz, clock_timestamp() - interval '30 seconds')`;

export const SERVER = `/* keyward: server */
SELECT current_setting('server_version_num')::int AS version, clock_timestamp()::text AS now, current_user::text AS "user"`;

/** $1 role, $2 member: whether our own role may revoke, and may end the member's sessions. */
export const ABLE = `/* keyward: able */
SELECT
  me.rolsuper
    OR pg_has_role(current_user, role.oid, 'MEMBER WITH ADMIN OPTION')
    OR (current_setting('server_version_num')::int < 160000 AND me.rolcreaterole AND NOT role.rolsuper) AS revoke,
  me.rolsuper
    OR (NOT member.rolsuper AND (pg_has_role(current_user, 'pg_signal_backend', 'USAGE') OR pg_has_role(current_user, member.oid, 'USAGE'))) AS signal
FROM pg_roles AS me, pg_roles AS role, pg_roles AS member
WHERE me.rolname = current_user AND role.rolname = $1::text AND member.rolname = $2::text`;
