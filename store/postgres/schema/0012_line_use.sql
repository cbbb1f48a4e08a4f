-- number_lines gives every line that has changed the next change number, those
-- that changed earlier the smaller ones. The locked counter lets one caller in
-- at a time, until its commit; the rows it numbers hold what was committed
-- before, and whoever changes one of them later marks it again.
CREATE FUNCTION fromline.number_lines() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    last  bigint;
    given bigint;
BEGIN
    SELECT value INTO last FROM fromline.counter WHERE name = 'line_use' FOR UPDATE;
    WITH heard AS (
        UPDATE fromline.traffic SET dirty = false WHERE dirty RETURNING tenant_id, number, used_at
    ), changed AS (
        SELECT tenant_id, number, max(used_at) AS used_at
        FROM (SELECT tenant_id, number, used_at FROM fromline.line WHERE dirty UNION ALL SELECT * FROM heard) AS u
        GROUP BY tenant_id, number
    )
    INSERT INTO fromline.line (tenant_id, number, hour, opened, used_at, dirty, change)
    SELECT tenant_id, number, 0, fromline.no_counts(), used_at, false, last + row_number() OVER (ORDER BY used_at, tenant_id, number)
    FROM changed
    ON CONFLICT (tenant_id, number) DO UPDATE SET dirty = false, change = excluded.change;
    GET DIAGNOSTICS given = ROW_COUNT;
    UPDATE fromline.counter SET value = last + given WHERE name = 'line_use' AND given > 0;
END $$;

-- line_use returns the use of lines that changed after a change number, in
-- order of change, everything included that was committed before the call.
CREATE FUNCTION fromline.line_use(p_after bigint, p_limit int)
RETURNS TABLE (tenant bytea, number bigint, hour bigint, opened bigint[], messages_hour bigint, messages bigint[], change bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM fromline.line WHERE dirty) OR EXISTS (SELECT FROM fromline.traffic WHERE dirty) THEN
        PERFORM fromline.number_lines();
    END IF;
    RETURN QUERY
        SELECT t.name, l.number, l.hour, l.opened, m.hour, m.messages, l.change
        FROM (SELECT * FROM fromline.line WHERE change > p_after ORDER BY change LIMIT p_limit) AS l
        JOIN fromline.tenant AS t ON t.id = l.tenant_id
        LEFT JOIN fromline.traffic AS m ON m.tenant_id = l.tenant_id AND m.number = l.number
        ORDER BY l.change;
END $$;

-- count_messages adds counts of messages to lines, each to its hour or to the
-- newest that the line has messages in, whichever is later.
CREATE FUNCTION fromline.count_messages(p_tenants bytea[], p_numbers bigint[], p_hours bigint[], p_counts bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    FOR r IN -- in one order everywhere, so that two callers never wait for each other
        SELECT t.id, e.number, e.hour, e.n
        FROM unnest(p_tenants, p_numbers, p_hours, p_counts) AS e (tenant, number, hour, n)
        JOIN fromline.tenant AS t ON sha256(t.name) = sha256(e.tenant)
        ORDER BY t.id, e.number, e.hour
    LOOP
        INSERT INTO fromline.traffic AS m (tenant_id, number, hour, messages, used_at, dirty)
        VALUES (r.id, r.number, r.hour, fromline.add_newest(fromline.no_counts(), r.n), fromline.clock(), true)
        ON CONFLICT (tenant_id, number) DO UPDATE SET
            hour = greatest(m.hour, excluded.hour),
            messages = fromline.add_newest(fromline.advance(m.messages, excluded.hour - m.hour), r.n),
            used_at = excluded.used_at,
            dirty = true;
    END LOOP;
END $$;
