-- name: delivery exists
SELECT EXISTS (SELECT 1 FROM delivery WHERE tenant_id = ?1 AND message_id = ?2)

-- name: add delivery
INSERT INTO delivery (tenant_id, chat_id, message_id, decided_at, due, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: enqueue
INSERT INTO queue (tenant_id, chat_id, due) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING

-- name: enqueue leased
INSERT INTO queue (tenant_id, chat_id, due, token, leased) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING

-- name: due chats
SELECT q.tenant_id, t.name, q.chat_id, q.leased FROM queue AS q JOIN tenant AS t ON t.id = q.tenant_id
WHERE q.due <= ?1 AND (?3 = '' OR instr(?3, ',' || hex(t.name) || ',') = 0) ORDER BY q.due LIMIT CAST(?2 AS INTEGER)

-- name: head
SELECT seq, message_id, decided_at, due, attempts, forgotten, leaves, body FROM delivery
WHERE tenant_id = ?1 AND chat_id = ?2 AND parked = 0 ORDER BY seq LIMIT 1

-- name: held
SELECT EXISTS (
    SELECT 1 FROM chat AS c
    JOIN chat AS o ON o.set_id = c.set_id AND o.id <> c.id AND NOT o.line_left
    JOIN delivery AS d ON d.tenant_id = o.tenant_id AND d.chat_id = o.id AND d.parked = 0 AND d.seq < ?3
    WHERE c.tenant_id = ?1 AND c.id = ?2 AND NOT c.line_left)

-- name: hold
UPDATE queue SET due = ?3, token = NULL, leased = NULL WHERE tenant_id = ?1 AND chat_id = ?2

-- name: lease
UPDATE queue SET due = ?3, token = ?4, leased = ?5 WHERE tenant_id = ?1 AND chat_id = ?2

-- name: tried
UPDATE delivery SET attempts = ?2 WHERE seq = ?1

-- name: leased
SELECT d.seq, d.tenant_id, d.chat_id, d.forgotten
FROM delivery AS d JOIN queue AS q ON q.tenant_id = d.tenant_id AND q.chat_id = d.chat_id AND q.leased = d.seq
WHERE d.tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND d.message_id = ?2 AND q.token = ?3 AND q.due > ?4

-- name: renew
UPDATE queue SET due = ?3 WHERE tenant_id = ?1 AND chat_id = ?2

-- name: queue due
INSERT INTO queue (tenant_id, chat_id, due) VALUES (?1, ?2, ?3)
ON CONFLICT DO UPDATE SET due = ?3, token = NULL, leased = NULL

-- name: unqueue
DELETE FROM queue WHERE tenant_id = ?1 AND chat_id = ?2

-- name: queued
SELECT due, leased FROM queue WHERE tenant_id = ?1 AND chat_id = ?2

-- name: remove delivery
DELETE FROM delivery WHERE seq = ?1

-- name: retry
UPDATE delivery SET attempts = ?2, due = ?3 WHERE seq = ?1

-- name: park
UPDATE delivery SET attempts = ?2, parked = 1, why = ?3, leaves = 0 WHERE seq = ?1

-- name: move delivery
UPDATE delivery SET chat_id = ?2, decided_at = ?3, due = ?4, attempts = 0, leaves = 0, body = ?5 WHERE seq = ?1

-- name: parked one
SELECT seq, tenant_id, chat_id FROM delivery
WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND message_id = ?2 AND parked

-- name: release
UPDATE delivery SET parked = 0, why = 0, attempts = 0, due = ?2, leaves = ?3 WHERE seq = ?1

-- name: parked
SELECT message_id, chat_id, decided_at, attempts, why, body FROM delivery
WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND parked AND message_id > ?2
ORDER BY message_id LIMIT CAST(?3 AS INTEGER)

-- name: backlog
SELECT count(*) FILTER (WHERE NOT d.parked), count(*) FILTER (WHERE d.parked), min(d.decided_at) FILTER (WHERE NOT d.parked)
FROM delivery AS d
WHERE NOT d.forgotten OR EXISTS (
    SELECT 1 FROM queue AS q
    WHERE q.tenant_id = d.tenant_id AND q.chat_id = d.chat_id AND q.leased = d.seq AND q.due > ?1)
