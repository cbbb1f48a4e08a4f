DELETE FROM fromline.record WHERE tenant_id = $1 AND message_id = ANY ($2::uuid[])
