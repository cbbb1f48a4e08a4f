WITH added AS (
    INSERT INTO fromline.tenant (name)
    SELECT n FROM unnest($1::bytea[]) AS n WHERE fromline.tenant_id(n) IS NULL ORDER BY n
    ON CONFLICT DO NOTHING RETURNING name, id
)
SELECT name, id FROM added
UNION ALL
SELECT name, id FROM fromline.tenant WHERE sha256(name) IN (SELECT sha256(n) FROM unnest($1::bytea[]) AS n)
