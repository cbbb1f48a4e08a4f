SELECT id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM fromline.chats_by_id($1::bytea, $2::uuid[])
