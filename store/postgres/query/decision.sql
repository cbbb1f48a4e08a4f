SELECT chat_id, key, keep_until, body
FROM fromline.record
WHERE tenant_id = fromline.tenant_id($1::bytea) AND message_id = $2::uuid
