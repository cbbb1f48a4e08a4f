SELECT t.name, r.message_id, r.chat_id, r.key, r.keep_until, r.body
FROM fromline.record AS r JOIN fromline.tenant AS t ON t.id = r.tenant_id
