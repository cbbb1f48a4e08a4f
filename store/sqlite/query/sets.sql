-- name: tenant
SELECT id FROM tenant WHERE name = ?1

-- name: add tenant
INSERT INTO tenant (name) VALUES (?1)

-- name: advance
UPDATE counter SET value = value + 1 WHERE name = ?1

-- name: set
SELECT id FROM chat_set WHERE tenant_id = ?1 AND key = ?2

-- name: basis
SELECT t.id, coalesce(s.id, 0), coalesce(s.revision, 0),
    EXISTS (SELECT 1 FROM record WHERE tenant_id = t.id AND message_id = ?3)
        OR EXISTS (SELECT 1 FROM record WHERE tenant_id = t.id AND key = ?4)
FROM tenant AS t LEFT JOIN chat_set AS s ON s.tenant_id = t.id AND s.key = ?2
WHERE t.name = ?1

-- name: add set
INSERT INTO chat_set (tenant_id, key, is_group, revision)
VALUES (?1, ?2, ?3, (SELECT value FROM counter WHERE name = 'revision'))

-- name: move revision
UPDATE chat_set SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = ?1

-- name: remove empty set
DELETE FROM chat_set WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM chat WHERE set_id = ?1)
