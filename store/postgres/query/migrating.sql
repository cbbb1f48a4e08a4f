-- What a backend does: whether it waits for a lock, and how far an index is.
SELECT
    coalesce(a.wait_event_type = 'Lock', false),
    coalesce(p.phase, ''),
    coalesce(p.blocks_done, 0), coalesce(p.blocks_total, 0),
    coalesce(p.tuples_done, 0), coalesce(p.tuples_total, 0)
FROM pg_stat_activity AS a LEFT JOIN pg_stat_progress_create_index AS p ON p.pid = a.pid
WHERE a.pid = $1
