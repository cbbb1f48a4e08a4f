SELECT c.person, c.handle, c.opted_out, c.opted_at, c.blocked, c.blocked_at, c.reason, c.allowed, t.name
FROM fromline.consent AS c JOIN fromline.tenant AS t ON t.id = c.tenant_id
