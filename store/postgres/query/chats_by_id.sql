SELECT id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster
FROM fromline.chat
WHERE tenant_id = fromline.tenant_id($1::bytea) AND id = ANY ($2::uuid[])
ORDER BY id
