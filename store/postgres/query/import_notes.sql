WITH added AS (
    INSERT INTO fromline.note (tenant_id, name, subject, of_message, body, names)
    SELECT u.* FROM unnest($1::bigint[], $2::bytea[], $3::uuid[], $4::boolean[], $5::bytea[], $6::bytea[]) AS u
    ON CONFLICT DO NOTHING RETURNING tenant_id, name, names
), named AS (
    INSERT INTO fromline.note_person (tenant_id, person, name)
    SELECT a.tenant_id, substring(a.names FROM 32 * i + 1 FOR 32), a.name
    FROM added AS a, generate_series(0, length(a.names) / 32 - 1) AS i
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM added
