SELECT count(*) FILTER (WHERE NOT d.parked), count(*) FILTER (WHERE d.parked), min(d.decided_at) FILTER (WHERE NOT d.parked)
FROM fromline.delivery AS d
WHERE NOT d.forgotten OR EXISTS (
    SELECT FROM fromline.queue AS q
    WHERE q.tenant_id = d.tenant_id AND q.chat_id = d.chat_id AND q.leased = d.seq AND q.due > fromline.clock())
