DELETE FROM fromline.note WHERE tenant_id = $1 AND name = ANY ($2::bytea[])
