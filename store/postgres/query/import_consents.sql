WITH added AS (
    INSERT INTO fromline.consent (tenant_id, person, handle, opted_out, opted_at, blocked, blocked_at, reason, allowed)
    SELECT u.* FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::boolean[], $5::bigint[], $6::boolean[], $7::bigint[], $8::bytea[], $9::boolean[]) AS u
    ON CONFLICT DO NOTHING RETURNING person
)
SELECT count(*) FROM added
