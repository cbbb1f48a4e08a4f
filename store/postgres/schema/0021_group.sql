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

-- commit_plan as in 0010_commit.sql, but that it takes its turn first, and makes
-- a line that is missing where it locks the others, and not at the end.
CREATE OR REPLACE FUNCTION fromline.commit_plan(
    p_tenant bytea, p_set bytea, p_revision bigint, p_reuse boolean, p_chat uuid, p_line bigint, p_abandoned uuid,
    p_limit bigint, p_at bigint, p_hour bigint, p_roster bytea, p_people bytea,
    p_message uuid, p_key bytea, p_keep_until bigint, p_record bytea, p_delivery bytea,
    OUT outcome smallint, OUT free_hour bigint)
LANGUAGE plpgsql AS $$
DECLARE
    t     bigint := fromline.tenant_id(p_tenant);
    s     fromline.chat_set;
    c     fromline.chat;
    old   fromline.chat;
    l     fromline.line;
    moved boolean := true;
BEGIN
    PERFORM fromline.take_turns(ARRAY[p_tenant], ARRAY[p_set], ARRAY[p_key]);
    SELECT * INTO s FROM fromline.chat_set WHERE tenant_id = t AND key = p_set FOR UPDATE;
    IF coalesce(s.revision, 0) <> p_revision THEN
        outcome := 1;
        RETURN;
    END IF;
    SELECT * INTO c FROM fromline.chat WHERE tenant_id = t AND id = p_chat;

    IF p_reuse THEN
        outcome := CASE
            WHEN c.id IS NULL OR c.line_left OR s.id IS NULL OR c.set_id IS DISTINCT FROM s.id THEN 5
            WHEN c.line <> p_line THEN 6
        END;
    ELSE
        SELECT * INTO l FROM fromline.line WHERE tenant_id = t AND number = p_line FOR UPDATE;
        IF l.number IS NULL AND t IS NOT NULL THEN
            PERFORM fromline.make_lines(ARRAY[t], ARRAY[p_line]);
            SELECT * INTO l FROM fromline.line WHERE tenant_id = t AND number = p_line FOR UPDATE;
        END IF;
        l.opened := fromline.advance(coalesce(l.opened, fromline.no_counts()), p_hour - coalesce(l.hour, 0));
        l.hour := greatest(coalesce(l.hour, 0), p_hour);
        IF p_limit > 0 THEN
            free_hour := fromline.free_hour(l.opened, l.hour, p_limit);
            IF free_hour > l.hour THEN
                outcome := 2;
                RETURN;
            END IF;
        END IF;
        SELECT * INTO old FROM fromline.chat
        WHERE tenant_id = t AND id = p_abandoned AND set_id = s.id AND NOT line_left;
        outcome := CASE
            WHEN c.id IS NOT NULL THEN 4
            WHEN p_abandoned IS NOT NULL AND old.id IS NULL THEN 7
        END;
    END IF;
    IF p_delivery IS NOT NULL AND EXISTS (SELECT FROM fromline.delivery WHERE tenant_id = t AND message_id = p_message) THEN
        outcome := 8;
    END IF;
    IF outcome IS NOT NULL THEN
        IF EXISTS (SELECT FROM fromline.record WHERE tenant_id = t AND (message_id = p_message OR key = p_key)) THEN
            outcome := 3;
        END IF;
        RETURN;
    END IF;

    IF t IS NULL THEN
        INSERT INTO fromline.tenant (name) VALUES (p_tenant) ON CONFLICT DO NOTHING RETURNING id INTO t;
        IF t IS NULL THEN
            PERFORM fromline.lost_race();
        END IF;
    END IF;
    INSERT INTO fromline.record (tenant_id, message_id, chat_id, key, keep_until, body)
    VALUES (t, p_message, p_chat, p_key, p_keep_until, p_record)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        outcome := 3;
        RETURN;
    END IF;

    IF p_reuse THEN
        moved := fromline.touch(c, p_at);
        IF c.successor IS NOT NULL THEN
            UPDATE fromline.chat SET successor = NULL, succeeded_at = NULL WHERE tenant_id = t AND id = p_chat;
            moved := true;
        END IF;
    ELSE
        IF s.id IS NULL THEN
            moved := false;
            INSERT INTO fromline.chat_set (tenant_id, key, is_group, revision)
            VALUES (t, p_set, p_people IS NOT NULL, nextval('fromline.revision'))
            ON CONFLICT DO NOTHING RETURNING id INTO s.id;
            IF s.id IS NULL THEN
                PERFORM fromline.lost_race();
            END IF;
        END IF;
        PERFORM fromline.open_chat(t, p_chat, s.id, p_line, p_at, p_roster, p_people);
        IF p_abandoned IS NOT NULL THEN
            UPDATE fromline.chat SET successor = p_chat, succeeded_at = p_at WHERE tenant_id = t AND id = p_abandoned;
        END IF;
        l.opened := fromline.add_newest(l.opened, 1);
        IF l.number IS NULL THEN
            PERFORM fromline.make_lines(ARRAY[t], ARRAY[p_line]); -- of a tenant that is new too
        END IF;
        UPDATE fromline.line SET hour = l.hour, opened = l.opened, used_at = fromline.clock(), dirty = true
        WHERE tenant_id = t AND number = p_line;
    END IF;
    IF moved THEN
        PERFORM fromline.move_revision(s.id);
    END IF;
    IF p_delivery IS NOT NULL THEN
        PERFORM fromline.enqueue(t, p_chat, p_message, p_at, p_delivery);
    END IF;
    outcome := 0;
END $$;

ALTER FUNCTION fromline.commit_plan SET enable_seqscan = off;
ALTER FUNCTION fromline.lock_plans SET enable_seqscan = off;
