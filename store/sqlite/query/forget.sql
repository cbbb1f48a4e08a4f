-- name: chats of person
SELECT c.id, c.set_id, c.line_left FROM chat_set AS s JOIN chat AS c ON c.set_id = s.id WHERE s.tenant_id = ?1 AND s.key = ?2
UNION
SELECT c.id, c.set_id, c.line_left FROM participant AS p JOIN chat AS c ON c.tenant_id = p.tenant_id AND c.id = p.chat_id
WHERE p.tenant_id = ?1 AND p.person = ?2
LIMIT CAST(?3 AS INTEGER)

-- name: past sets
SELECT set_id FROM past_set WHERE tenant_id = ?1 AND chat_id = ?2

-- name: forget delivery
UPDATE delivery SET forgotten = 1 WHERE seq = ?1

-- name: forget deliveries
DELETE FROM delivery WHERE tenant_id = ?1 AND chat_id = ?2 AND NOT forgotten

-- name: forget records
DELETE FROM record WHERE tenant_id = ?1 AND chat_id = ?2

-- name: forget participants
DELETE FROM participant WHERE tenant_id = ?1 AND chat_id = ?2

-- name: forget past sets
DELETE FROM past_set WHERE tenant_id = ?1 AND chat_id = ?2

-- name: forget chat
DELETE FROM chat WHERE tenant_id = ?1 AND id = ?2
