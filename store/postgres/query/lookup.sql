SELECT revision, message_id, record_key, keep_until, record,
    chat_id, line, created_at, active_at, succeeded_at, successor, service, named, roster, standing
FROM fromline.lookup($1::bytea, $2::bytea, $3::boolean, $4::int, $5::bytea, $6::uuid, $7::bytea[])
