WITH added AS (
    INSERT INTO fromline.record (tenant_id, message_id, chat_id, key, keep_until, body)
    SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::bytea[], $5::bigint[], $6::bytea[])
    ON CONFLICT DO NOTHING RETURNING 1
)
SELECT count(*) FROM added
