-- line_use for a store that only reads: lines that changed since the last
-- numbering get the next numbers, for this one answer.
WITH fresh AS (
    SELECT tenant_id, number FROM fromline.line WHERE dirty
    UNION SELECT tenant_id, number FROM fromline.traffic WHERE dirty
), numbered AS (
    SELECT l.tenant_id, l.number, l.change FROM fromline.line AS l
    WHERE NOT EXISTS (SELECT FROM fresh AS f WHERE f.tenant_id = l.tenant_id AND f.number = l.number)
    UNION ALL
    SELECT f.tenant_id, f.number,
        (SELECT value FROM fromline.counter WHERE name = 'line_use') + row_number() OVER (ORDER BY f.tenant_id, f.number)
    FROM fresh AS f
)
SELECT t.name, n.number, coalesce(l.hour, 0), coalesce(l.opened, fromline.no_counts()),
    coalesce(l.failovers, fromline.no_counts()), coalesce(l.paced_at, 0), m.hour, m.messages, n.change
FROM numbered AS n
JOIN fromline.tenant AS t ON t.id = n.tenant_id
LEFT JOIN fromline.line AS l ON l.tenant_id = n.tenant_id AND l.number = n.number
LEFT JOIN fromline.traffic AS m ON m.tenant_id = n.tenant_id AND m.number = n.number
WHERE n.change > $1::bigint
ORDER BY n.change
LIMIT $2::int
