-- name: use
SELECT hour, opened, failovers, paced_at, messages_hour, messages, change FROM line WHERE tenant_id = ?1 AND number = ?2

-- name: set use
INSERT INTO line (tenant_id, number, hour, opened, failovers, paced_at, messages_hour, messages, change)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT value FROM counter WHERE name = 'line_use'))
ON CONFLICT DO UPDATE SET hour = ?3, opened = ?4, failovers = ?5, paced_at = ?6,
    messages_hour = ?7, messages = ?8, change = excluded.change

-- name: line use
SELECT t.name, l.number, l.hour, l.opened, l.failovers, l.paced_at, l.messages_hour, l.messages, l.change
FROM line AS l JOIN tenant AS t ON t.id = l.tenant_id
WHERE l.change > ?1 ORDER BY l.change LIMIT CAST(?2 AS INTEGER)

-- name: state
SELECT status, status_at, reputation, reputation_at, ownership, ownership_at, flagged_at, recovered_at, change
FROM line_state WHERE tenant_id = ?1 AND number = ?2

-- name: set state
INSERT INTO line_state (tenant_id, number, status, status_at, reputation, reputation_at, ownership, ownership_at,
    flagged_at, recovered_at, change)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, (SELECT value FROM counter WHERE name = 'line_state'))
ON CONFLICT DO UPDATE SET status = ?3, status_at = ?4, reputation = ?5, reputation_at = ?6,
    ownership = ?7, ownership_at = ?8, flagged_at = ?9, recovered_at = ?10, change = excluded.change

-- name: line states
SELECT t.name, s.number, s.status, s.status_at, s.reputation, s.reputation_at, s.ownership, s.ownership_at,
    s.flagged_at, s.recovered_at, s.change
FROM line_state AS s JOIN tenant AS t ON t.id = s.tenant_id
WHERE s.change > ?1 ORDER BY s.change LIMIT CAST(?2 AS INTEGER)
