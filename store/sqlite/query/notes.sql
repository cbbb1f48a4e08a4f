-- name: note
SELECT n.name, n.subject, n.of_message, n.body, n.names FROM note AS n WHERE n.tenant_id = ?1 AND n.name = ?2

-- name: note of tenant
SELECT n.name, n.subject, n.of_message, n.body, n.names FROM note AS n
WHERE n.tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND n.name = ?2

-- name: all notes
SELECT n.name, n.subject, n.of_message, n.body, n.names, t.name FROM note AS n JOIN tenant AS t ON t.id = n.tenant_id

-- name: keep note
INSERT INTO note (tenant_id, name, subject, of_message, body, names) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT DO UPDATE SET subject = ?3, of_message = ?4, body = ?5, names = ?6

-- name: clear note persons
DELETE FROM note_person WHERE tenant_id = ?1 AND name = ?2

-- name: add note person
INSERT INTO note_person (tenant_id, person, name) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING

-- name: record exists
SELECT EXISTS (SELECT 1 FROM record WHERE tenant_id = ?1 AND message_id = ?2)

-- name: chat on line
SELECT id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM chat WHERE set_id = (SELECT id FROM chat_set WHERE tenant_id = ?1 AND key = ?2) AND line = ?3 AND NOT line_left
ORDER BY active_at DESC, created_at DESC, id LIMIT 1

-- name: purge notes
DELETE FROM note WHERE of_message AND (tenant_id, subject) IN (
    SELECT tenant_id, message_id FROM record WHERE keep_until < ?1 ORDER BY keep_until LIMIT CAST(?2 AS INTEGER))

-- name: forget notes of records
DELETE FROM note WHERE tenant_id = ?1 AND of_message
    AND subject IN (SELECT message_id FROM record WHERE tenant_id = ?1 AND chat_id = ?2)

-- name: forget notes
DELETE FROM note WHERE tenant_id = ?1 AND subject = ?2

-- name: forget notes of person
DELETE FROM note WHERE tenant_id = ?1 AND name IN (SELECT name FROM note_person WHERE tenant_id = ?1 AND person = ?2)
