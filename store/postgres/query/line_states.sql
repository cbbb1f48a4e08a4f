SELECT t.name, s.number, s.status, s.reputation, s.changed_at, s.change
FROM fromline.line_state AS s JOIN fromline.tenant AS t ON t.id = s.tenant_id
WHERE s.change > $1::bigint
ORDER BY s.change
LIMIT $2::int
