SELECT t.name, s.number, s.status, s.status_at, s.reputation, s.reputation_at, s.ownership, s.ownership_at,
    s.flagged_at, s.recovered_at, s.change
FROM fromline.line_state AS s JOIN fromline.tenant AS t ON t.id = s.tenant_id
WHERE s.change > $1::bigint
ORDER BY s.change
LIMIT $2::int
