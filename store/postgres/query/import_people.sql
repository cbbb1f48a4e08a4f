INSERT INTO fromline.participant (tenant_id, person, chat_id)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::uuid[])
ON CONFLICT DO NOTHING
