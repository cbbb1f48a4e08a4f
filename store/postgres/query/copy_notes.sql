SELECT n.name, n.subject, n.of_message, n.body, n.names, t.name
FROM fromline.note AS n JOIN fromline.tenant AS t ON t.id = n.tenant_id
