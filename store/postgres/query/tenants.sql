SELECT t.name
FROM fromline.tenant AS t
WHERE t.name > $1::bytea AND EXISTS (SELECT FROM fromline.chat AS c WHERE c.tenant_id = t.id)
ORDER BY t.name
LIMIT $2::int
