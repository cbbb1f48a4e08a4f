-- Adds the chats of the arrays that are not there. Adds the set of a chat that
-- matches, or gives it another revision.
WITH fresh AS (
    SELECT u.* FROM unnest(
        $1::bigint[], $2::uuid[], $3::bytea[], $4::boolean[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::uuid[],
        $10::smallint[], $11::boolean[], $12::boolean[], $13::bytea[])
        AS u (tenant_id, id, key, is_group, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster)
    WHERE NOT EXISTS (SELECT FROM fromline.chat AS c WHERE c.tenant_id = u.tenant_id AND c.id = u.id)
), joined AS (
    INSERT INTO fromline.chat_set AS s (tenant_id, key, is_group, revision)
    SELECT tenant_id, key, bool_or(is_group), nextval('fromline.revision') FROM fresh WHERE key IS NOT NULL
    GROUP BY tenant_id, key ORDER BY tenant_id, key
    ON CONFLICT (tenant_id, key) DO UPDATE SET revision = nextval('fromline.revision')
    RETURNING s.id, s.tenant_id, s.key
)
INSERT INTO fromline.chat
    (tenant_id, id, set_id, line, created_at, active_at, succeeded_at, successor, service, named, line_left, roster)
SELECT f.tenant_id, f.id, j.id, f.line, f.created_at, f.active_at, f.succeeded_at, f.successor, f.service, f.named, f.line_left, f.roster
FROM fresh AS f LEFT JOIN joined AS j ON j.tenant_id = f.tenant_id AND j.key = f.key
ON CONFLICT DO NOTHING
RETURNING tenant_id, id
