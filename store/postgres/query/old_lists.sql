SELECT coalesce((
    SELECT t.name FROM fromline.change_list AS l JOIN fromline.tenant AS t ON t.id = l.tenant_id
    WHERE l.used_at < fromline.clock() - $1::bigint LIMIT 1), '')
