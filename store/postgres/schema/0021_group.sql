-- take_turns makes commits that share a set of people or a key follow one another:
-- the second begins when the first has ended. The rows of what is new are not
-- there to be locked.
CREATE FUNCTION fromline.take_turns(p_tenants bytea[], p_sets bytea[], p_keys bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(k.turn) FROM (
        SELECT DISTINCT hashtextextended(encode(v.name, 'hex'), hashtextextended(encode(u.tenant, 'hex'), 0)) AS turn
        FROM unnest(p_tenants, p_sets, p_keys) AS u (tenant, set, key)
        CROSS JOIN LATERAL (VALUES (u.set), (u.key)) AS v (name)
        WHERE v.name IS NOT NULL
        ORDER BY turn) AS k;
END $$;

-- make_lines makes the lines that are missing, as they are before their first
-- chat: which shows nothing of them. A line of 0 is none.
CREATE FUNCTION fromline.make_lines(p_tenants bigint[], p_lines bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fromline.line (tenant_id, number, hour, opened, used_at, dirty)
    SELECT DISTINCT u.tenant_id, u.number, 0, fromline.no_counts(), 0, false
    FROM unnest(p_tenants, p_lines) AS u (tenant_id, number)
    WHERE u.tenant_id IS NOT NULL AND u.number <> 0
        AND NOT EXISTS (SELECT FROM fromline.line AS o WHERE o.tenant_id = u.tenant_id AND o.number = u.number OFFSET 0)
    ORDER BY u.number, u.tenant_id
    ON CONFLICT DO NOTHING;
END $$;

-- lock_plans locks, for the commits of a group, what each of them would lock by
-- itself, in one order: their turns, all sets, and then all lines, which it makes
-- where they are missing. So no two groups wait for each other.
CREATE FUNCTION fromline.lock_plans(p_tenants bytea[], p_sets bytea[], p_keys bytea[], p_lines bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT fromline.tenant_id(u.name) FROM unnest(p_tenants) WITH ORDINALITY AS u (name, place) ORDER BY u.place);
BEGIN
    PERFORM fromline.take_turns(p_tenants, p_sets, p_keys);
    PERFORM FROM fromline.chat_set
    WHERE id = ANY (ARRAY(
        SELECT k.id FROM unnest(ids, p_sets) AS u (tenant_id, key)
        CROSS JOIN LATERAL (SELECT o.id FROM fromline.chat_set AS o WHERE o.tenant_id = u.tenant_id AND o.key = u.key OFFSET 0) AS k))
    ORDER BY id FOR UPDATE;
    PERFORM fromline.make_lines(ids, p_lines);
    PERFORM FROM (
        SELECT o.number FROM (SELECT DISTINCT tenant_id, number FROM unnest(ids, p_lines) AS w (tenant_id, number) WHERE number <> 0) AS u
        JOIN fromline.line AS o ON o.tenant_id = u.tenant_id AND o.number = u.number
        ORDER BY o.number, o.tenant_id FOR UPDATE OF o) AS locked;
END $$;

ALTER FUNCTION fromline.lock_plans SET enable_seqscan = off;
