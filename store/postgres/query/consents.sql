SELECT c.person, c.handle, c.opted_out, c.opted_at, c.blocked, c.blocked_at, c.reason, c.allowed
FROM fromline.consent AS c
WHERE c.tenant_id = fromline.tenant_id($1::bytea) AND c.person > $2::bytea
ORDER BY c.person
LIMIT $3::int
