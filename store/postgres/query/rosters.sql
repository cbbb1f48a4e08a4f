SELECT id, line, line_left, roster
FROM fromline.chat
WHERE tenant_id = fromline.tenant_id($1::bytea) AND id = ANY ($2::uuid[])
