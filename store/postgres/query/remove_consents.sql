DELETE FROM fromline.consent WHERE tenant_id = $1 AND person = ANY ($2::bytea[])
