SELECT id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM fromline.chats_of_person($1::bytea, $2::bytea, $3::uuid, $4::int)
