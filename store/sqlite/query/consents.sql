-- name: consent
SELECT c.person, c.handle, c.opted_out, c.opted_at, c.blocked, c.blocked_at, c.reason, c.allowed
FROM consent AS c WHERE c.tenant_id = ?1 AND c.person = ?2

-- name: keep consent
INSERT INTO consent (tenant_id, person, handle, opted_out, opted_at, blocked, blocked_at, reason, allowed)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT DO UPDATE SET handle = ?3, opted_out = ?4, opted_at = ?5, blocked = ?6, blocked_at = ?7, reason = ?8, allowed = ?9

-- name: remove consent
DELETE FROM consent WHERE tenant_id = ?1 AND person = ?2

-- name: consents
SELECT c.person, c.handle, c.opted_out, c.opted_at, c.blocked, c.blocked_at, c.reason, c.allowed
FROM consent AS c
WHERE c.tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND c.person > ?2
ORDER BY c.person LIMIT CAST(?3 AS INTEGER)

-- name: all consents
SELECT c.person, c.handle, c.opted_out, c.opted_at, c.blocked, c.blocked_at, c.reason, c.allowed, t.name
FROM consent AS c JOIN tenant AS t ON t.id = c.tenant_id

-- name: standing
SELECT c.opted_out + 2 * c.blocked + 4 * c.allowed
FROM consent AS c
WHERE c.tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND c.person = ?2
