SELECT message_id, chat_id, decided_at, attempts, why, body
FROM fromline.delivery
WHERE tenant_id = fromline.tenant_id($1::bytea) AND parked AND message_id > $2::uuid
ORDER BY message_id
LIMIT $3::int
