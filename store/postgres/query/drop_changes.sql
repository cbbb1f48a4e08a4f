DELETE FROM fromline.change WHERE tenant_id = $1 AND number = ANY ($2::bigint[])
