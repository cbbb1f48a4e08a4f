SELECT place, chat_id, line, active_at, roster
FROM fromline.known_lines($1::bytea, $2::bytea[], $3::int)
