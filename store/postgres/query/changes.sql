SELECT number, kind, name FROM fromline.change WHERE tenant_id = $1 ORDER BY number LIMIT $2
