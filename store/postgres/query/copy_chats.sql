SELECT t.name, ARRAY(SELECT p.person FROM fromline.participant AS p WHERE p.tenant_id = c.tenant_id AND p.chat_id = c.id),
    c.id, c.line, c.created_at, c.active_at, c.succeeded_at, c.successor, c.service, c.named, c.line_left, c.roster
FROM fromline.chat AS c JOIN fromline.tenant AS t ON t.id = c.tenant_id
