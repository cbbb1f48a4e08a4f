WITH queued AS (
    DELETE FROM fromline.queue WHERE tenant_id = $1 AND chat_id = ANY ($2::uuid[])
)
DELETE FROM fromline.delivery WHERE tenant_id = $1 AND chat_id = ANY ($2::uuid[])
