SELECT chat_id, key, keep_until, body
FROM fromline.decision($1::bytea, $2::uuid)
