WITH gone AS (
    DELETE FROM fromline.chat WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) RETURNING set_id
), people AS (
    DELETE FROM fromline.participant WHERE tenant_id = $1 AND chat_id = ANY ($2::uuid[])
)
UPDATE fromline.chat_set SET revision = nextval('fromline.revision') WHERE id IN (SELECT set_id FROM gone)
