SELECT tenant, chat_id, message_id, token, decided_at, attempts, body, unsettled, leaves
FROM fromline.claim($1::bigint, $2::int, $3::bytea[])
