-- report_line keeps the state of a line if it is newer than the one kept, and
-- says whether it did. A status or reputation of 0 is not said, and stays as it
-- was. Its change number is drawn in the order of commits: line events are rare,
-- so that they may queue on the counter.
CREATE FUNCTION fromline.report_line(p_tenant bytea, p_number bigint, p_status smallint, p_reputation smallint, p_changed_at bigint)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    t     bigint;
    given bigint;
BEGIN
    INSERT INTO fromline.tenant (name) SELECT p_tenant WHERE fromline.tenant_id(p_tenant) IS NULL ON CONFLICT DO NOTHING;
    t := (SELECT id FROM fromline.tenant WHERE sha256(name) = sha256(p_tenant));
    IF EXISTS (SELECT FROM fromline.line_state AS s
        WHERE s.tenant_id = t AND s.number = p_number AND s.changed_at >= p_changed_at) THEN
        RETURN false;
    END IF;
    UPDATE fromline.counter SET value = value + 1 WHERE name = 'line_state' RETURNING value INTO given;
    INSERT INTO fromline.line_state AS s (tenant_id, number, status, reputation, changed_at, change)
    VALUES (t, p_number, p_status, p_reputation, p_changed_at, given)
    ON CONFLICT (tenant_id, number) DO UPDATE SET
        status = coalesce(nullif(excluded.status, 0), s.status),
        reputation = coalesce(nullif(excluded.reputation, 0), s.reputation),
        changed_at = excluded.changed_at, change = excluded.change
    WHERE s.changed_at < excluded.changed_at;
    RETURN FOUND;
END $$;
