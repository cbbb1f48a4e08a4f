SELECT tenant, number, hour, opened, failovers, paced_at, messages_hour, messages, change
FROM fromline.line_use($1::bigint, $2::int)
