SELECT (SELECT count(*) FROM fromline.line_state)
    + (SELECT count(*) FROM (SELECT tenant_id, number FROM fromline.line WHERE dirty OR change IS NOT NULL UNION SELECT tenant_id, number FROM fromline.traffic) AS u)
    + (SELECT count(*) FROM fromline.chat) + (SELECT count(*) FROM fromline.record)
    + (SELECT count(*) FROM fromline.delivery WHERE NOT forgotten) + (SELECT count(*) FROM fromline.consent)
