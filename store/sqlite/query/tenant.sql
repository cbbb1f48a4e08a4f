-- Each of these removes at most ?2 rows of a tenant from one table.

-- name: remove participants
DELETE FROM participant WHERE tenant_id = ?1 AND person IN (SELECT person FROM participant WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove past sets
DELETE FROM past_set WHERE tenant_id = ?1 AND chat_id IN (SELECT chat_id FROM past_set WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove sets
DELETE FROM chat_set WHERE id IN (SELECT id FROM chat_set WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove records
DELETE FROM record WHERE tenant_id = ?1 AND message_id IN (SELECT message_id FROM record WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove deliveries
DELETE FROM delivery WHERE seq IN (SELECT seq FROM delivery WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove queues
DELETE FROM queue WHERE tenant_id = ?1 AND chat_id IN (SELECT chat_id FROM queue WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove consents
DELETE FROM consent WHERE tenant_id = ?1 AND person IN (SELECT person FROM consent WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove notes
DELETE FROM note WHERE tenant_id = ?1 AND name IN (SELECT name FROM note WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove lines
DELETE FROM line WHERE tenant_id = ?1 AND number IN (SELECT number FROM line WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- name: remove states
DELETE FROM line_state WHERE tenant_id = ?1 AND number IN (SELECT number FROM line_state WHERE tenant_id = ?1 LIMIT CAST(?2 AS INTEGER))

-- The first chats of a tenant, by their ids: the last one of a batch, and what
-- goes with the chats up to that one.

-- name: last of first chats
SELECT max(id) FROM (SELECT id FROM chat WHERE tenant_id = ?1 ORDER BY id LIMIT CAST(?2 AS INTEGER))

-- name: remove first participants
DELETE FROM participant WHERE tenant_id = ?1 AND chat_id <= ?2

-- name: remove first sets
DELETE FROM chat_set WHERE id IN (
    SELECT set_id FROM chat WHERE tenant_id = ?1 AND id <= ?2 UNION SELECT set_id FROM past_set WHERE tenant_id = ?1 AND chat_id <= ?2
) AND NOT EXISTS (SELECT 1 FROM chat AS c WHERE c.set_id = chat_set.id AND c.id > ?2)

-- name: remove first past sets
DELETE FROM past_set WHERE tenant_id = ?1 AND chat_id <= ?2

-- name: remove first chats
DELETE FROM chat WHERE tenant_id = ?1 AND id <= ?2
