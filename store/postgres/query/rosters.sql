SELECT id, line, line_left, roster
FROM fromline.chats_by_id($1::bytea, $2::uuid[])
