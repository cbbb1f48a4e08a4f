SELECT n.name, n.subject, n.of_message, n.body, n.names
FROM fromline.note AS n WHERE n.tenant_id = fromline.tenant_id($1::bytea) AND n.name = $2::bytea
