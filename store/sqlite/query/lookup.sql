-- name: lookup
SELECT s.revision, coalesce(k.message_id, m.message_id), coalesce(k.chat_id, m.chat_id), k.key, m.key,
    coalesce(k.keep_until, m.keep_until), coalesce(k.body, m.body),
    NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM tenant AS t
LEFT JOIN chat_set AS s ON s.tenant_id = t.id AND s.key = ?2
LEFT JOIN record AS k ON k.tenant_id = t.id AND k.key = ?5
LEFT JOIN record AS m ON m.tenant_id = t.id AND m.message_id = ?6
WHERE t.name = ?1
UNION ALL
SELECT * FROM (
    SELECT NULL, NULL, c.id, NULL, NULL, NULL, NULL,
        c.line, c.created_at, c.active_at, c.succeeded_at, c.successor, c.service + 256 * c.named, c.roster
    FROM tenant AS t
    JOIN chat_set AS s ON s.tenant_id = t.id AND s.key = ?2
    JOIN chat AS c ON c.set_id = s.id
    WHERE t.name = ?1 AND NOT c.line_left AND NOT (?3 AND s.is_group AND c.named)
    ORDER BY c.active_at DESC, c.created_at DESC, c.id
    LIMIT CAST(?4 AS INTEGER))

-- name: decision
SELECT chat_id, key, keep_until, body FROM record
WHERE tenant_id = (SELECT id FROM tenant WHERE name = ?1) AND message_id = ?2
