-- Adds the use of the lines of the arrays that have none. The counts of line i
-- are the 25 from 25 * (i - 1) + 1 on.
WITH fresh AS (
    SELECT u.*, 25 * u.place - 24 AS first, 25 * u.place AS last
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $8::bigint[])
        WITH ORDINALITY AS u (tenant_id, number, hour, messages_hour, paced_at, place)
    WHERE NOT EXISTS (SELECT FROM fromline.line AS l WHERE l.tenant_id = u.tenant_id AND l.number = u.number)
        AND NOT EXISTS (SELECT FROM fromline.traffic AS m WHERE m.tenant_id = u.tenant_id AND m.number = u.number)
), heard AS (
    INSERT INTO fromline.traffic (tenant_id, number, hour, messages, used_at, dirty)
    SELECT tenant_id, number, messages_hour, ($6::bigint[])[first:last], fromline.clock(), true FROM fresh
    ON CONFLICT DO NOTHING
), opened AS (
    INSERT INTO fromline.line (tenant_id, number, hour, opened, failovers, paced_at, used_at, dirty)
    SELECT tenant_id, number, hour, ($5::bigint[])[first:last], ($7::bigint[])[first:last], paced_at, fromline.clock(), true FROM fresh
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT count(*) FROM opened
