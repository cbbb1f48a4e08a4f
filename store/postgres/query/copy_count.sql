-- The count of one tenant has another condition in the place of TRUE.
SELECT (SELECT count(*) FROM fromline.line_state WHERE TRUE)
    + (SELECT count(*) FROM (SELECT tenant_id, number FROM fromline.line WHERE TRUE AND (dirty OR change IS NOT NULL)
        UNION SELECT tenant_id, number FROM fromline.traffic WHERE TRUE) AS u)
    + (SELECT count(*) FROM fromline.chat WHERE TRUE) + (SELECT count(*) FROM fromline.record WHERE TRUE)
    + (SELECT count(*) FROM fromline.delivery WHERE TRUE AND NOT forgotten) + (SELECT count(*) FROM fromline.consent WHERE TRUE)
    + (SELECT count(*) FROM fromline.note WHERE TRUE)
