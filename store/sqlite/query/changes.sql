-- name: begin list
INSERT INTO change_list (tenant_id, list, used_at) VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET list = ?2, used_at = ?3

-- name: end list
DELETE FROM change_list WHERE tenant_id = ?1

-- name: use list
UPDATE change_list SET used_at = ?3 WHERE tenant_id = ?1 AND list = ?2

-- name: remove list
DELETE FROM change_list WHERE tenant_id IN (SELECT tenant_id FROM change_list WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: end old lists
DELETE FROM change_list WHERE used_at < ?1

-- name: remove changes without a list
DELETE FROM change WHERE number IN (
    SELECT number FROM change WHERE NOT EXISTS (SELECT 1 FROM change_list AS l WHERE l.tenant_id = change.tenant_id)
    LIMIT CAST(?1 AS INTEGER))

-- name: remove changes
DELETE FROM change WHERE number IN (SELECT number FROM change WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: changes
SELECT c.number, c.kind, c.name FROM change AS c
WHERE c.tenant_id = ?1 ORDER BY c.number LIMIT CAST(?2 AS INTEGER)

-- name: drop change
DELETE FROM change WHERE number = ?1 AND tenant_id = ?2

-- name: remove chat
DELETE FROM chat WHERE tenant_id = ?1 AND id = ?2

-- name: remove people of chat
DELETE FROM participant WHERE tenant_id = ?1 AND chat_id = ?2

-- name: remove sets of chat
DELETE FROM past_set WHERE tenant_id = ?1 AND chat_id = ?2

-- name: remove deliveries of chat
DELETE FROM delivery WHERE tenant_id = ?1 AND chat_id = ?2

-- name: remove queue of chat
DELETE FROM queue WHERE tenant_id = ?1 AND chat_id = ?2

-- name: remove note
DELETE FROM note WHERE tenant_id = ?1 AND name = ?2

-- name: remove line
DELETE FROM line WHERE tenant_id = ?1 AND number = ?2

-- name: remove state
DELETE FROM line_state WHERE tenant_id = ?1 AND number = ?2

-- name: remove record of message
DELETE FROM record WHERE tenant_id = ?1 AND message_id = ?2
