-- name: add record
INSERT INTO record (tenant_id, message_id, chat_id, key, keep_until, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO NOTHING

-- name: remove record
DELETE FROM record WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND message_id = ?2

-- name: purge
DELETE FROM record WHERE (tenant_id, message_id) IN (
    SELECT tenant_id, message_id FROM record WHERE keep_until < ?1 ORDER BY keep_until LIMIT CAST(?2 AS INTEGER))
