-- name: chat
SELECT id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM chat WHERE tenant_id = ?1 AND id = ?2

-- name: chats of line
SELECT id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM chat WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND line = ?2 AND id > ?3
ORDER BY id LIMIT CAST(?4 AS INTEGER)

-- name: chat of tenant
SELECT id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM chat WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND id = ?2

-- name: chats of tenant
SELECT id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM chat WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND id > ?2
ORDER BY id LIMIT CAST(?3 AS INTEGER)

-- name: chats by id
WITH RECURSIVE place (at) AS (
    SELECT 1 WHERE length(?2) > 0 UNION ALL SELECT at + 16 FROM place WHERE at + 16 < length(?2)
)
SELECT id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM place CROSS JOIN chat
WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND id = substr(?2, at, 16)
ORDER BY id

-- name: chats of a person
WITH ours (tenant) AS (SELECT id FROM tenant WHERE name = ?1), theirs (chat) AS (
    SELECT c.id FROM ours CROSS JOIN chat_set AS s JOIN chat AS c ON c.set_id = s.id WHERE s.tenant_id = tenant AND s.key = ?2
    UNION
    SELECT chat_id FROM ours CROSS JOIN participant WHERE tenant_id = tenant AND person = ?2
)
SELECT id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM ours CROSS JOIN theirs CROSS JOIN chat
WHERE tenant_id = tenant AND id = theirs.chat AND id > ?3
ORDER BY id LIMIT CAST(?4 AS INTEGER)

-- name: tenants
SELECT name FROM tenant
WHERE name > ?1 AND EXISTS (SELECT 1 FROM chat WHERE tenant_id = tenant.id)
ORDER BY name LIMIT CAST(?2 AS INTEGER)

-- name: most recent other
SELECT id, created_at, active_at FROM chat
WHERE set_id = ?1 AND id <> ?2 AND NOT line_left
ORDER BY active_at DESC, created_at DESC, id LIMIT 1

-- name: latest activity
SELECT max(active_at) FROM chat WHERE set_id = ?1 AND NOT line_left

-- name: add chat
INSERT INTO chat (tenant_id, id, set_id, line, created_at, active_at, service, named, line_left, roster)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9)

-- name: add participant
INSERT INTO participant (tenant_id, person, chat_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING

-- name: set activity
UPDATE chat SET active_at = ?3 WHERE tenant_id = ?1 AND id = ?2

-- name: set successor
UPDATE chat SET successor = ?3, succeeded_at = ?4 WHERE tenant_id = ?1 AND id = ?2

-- name: set service
UPDATE chat SET service = ?3 WHERE tenant_id = ?1 AND id = ?2

-- name: set name
UPDATE chat SET named = ?3 WHERE tenant_id = ?1 AND id = ?2

-- name: line left
UPDATE chat SET line_left = 1 WHERE tenant_id = ?1 AND id = ?2

-- name: move chat
UPDATE chat SET set_id = ?3, roster = ?4 WHERE tenant_id = ?1 AND id = ?2

-- name: add past set
INSERT INTO past_set (tenant_id, chat_id, set_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING

-- name: known lines
WITH RECURSIVE place (at) AS (
    SELECT 1 WHERE length(?2) > 0 UNION ALL SELECT at + 32 FROM place WHERE at + 32 < length(?2)
), asked (at, tenant_id, person) AS (
    SELECT at, (SELECT id FROM tenant WHERE name = ?1), substr(?2, at, 32) FROM place
)
SELECT a.at, c.id, c.line, c.active_at, NULL
FROM asked AS a
CROSS JOIN chat_set AS s ON s.tenant_id = a.tenant_id AND s.key = a.person
CROSS JOIN chat AS c ON c.set_id = s.id
WHERE NOT c.line_left
UNION ALL
SELECT a.at, c.id, c.line, c.active_at, c.roster
FROM asked AS a
CROSS JOIN chat AS c ON c.tenant_id = a.tenant_id AND c.id IN (
    SELECT p.chat_id FROM participant AS p WHERE p.tenant_id = a.tenant_id AND p.person = a.person
    ORDER BY p.chat_id DESC LIMIT CAST(?3 AS INTEGER))
WHERE NOT c.line_left
