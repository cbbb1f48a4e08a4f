-- The count of one tenant has another condition in the place of TRUE.

-- name: count
SELECT (SELECT count(*) FROM line_state WHERE TRUE) + (SELECT count(*) FROM line WHERE TRUE)
    + (SELECT count(*) FROM chat WHERE TRUE) + (SELECT count(*) FROM record WHERE TRUE)
    + (SELECT count(*) FROM delivery WHERE TRUE AND NOT forgotten) + (SELECT count(*) FROM consent WHERE TRUE)
    + (SELECT count(*) FROM note WHERE TRUE)

-- name: all chats
SELECT c.id, c.set_id, c.line, c.created_at, c.active_at, c.succeeded_at, c.successor, c.service, c.named, c.line_left, c.roster,
    t.name, (SELECT group_concat(hex(p.person), '') FROM participant AS p WHERE p.tenant_id = c.tenant_id AND p.chat_id = c.id)
FROM chat AS c JOIN tenant AS t ON t.id = c.tenant_id

-- name: all records
SELECT t.name, r.message_id, r.chat_id, r.key, r.keep_until, r.body
FROM record AS r JOIN tenant AS t ON t.id = r.tenant_id

-- name: all deliveries
SELECT t.name, d.message_id, d.chat_id, d.decided_at, d.attempts, d.body, d.parked, d.due, d.why, d.leaves
FROM delivery AS d CROSS JOIN tenant AS t ON t.id = d.tenant_id
WHERE NOT d.forgotten ORDER BY d.seq

-- name: delivery
SELECT t.name, d.message_id, d.chat_id, d.decided_at, d.attempts, d.body, d.parked, d.due, d.why, d.leaves
FROM tenant AS t JOIN delivery AS d ON d.tenant_id = t.id
WHERE t.name = ?1 AND d.message_id = ?2 AND NOT d.forgotten

-- name: import chat
INSERT INTO chat (tenant_id, id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)

-- name: import delivery
INSERT INTO delivery (tenant_id, chat_id, message_id, decided_at, due, attempts, parked, body, why, leaves)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT DO NOTHING
