-- A schema of version 14 with data, as the code of the commit cecd54f left it.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA fromline;

CREATE FUNCTION fromline.add_newest(p_counts bigint[], p_n bigint) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT least(p_counts[1] + p_n, 4294967295) || p_counts[2:25]
$$;

CREATE FUNCTION fromline.advance(p_counts bigint[], p_hours bigint) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE
        WHEN p_hours <= 0 THEN p_counts
        WHEN p_hours >= 25 THEN array_fill(0::bigint, ARRAY[25])
        ELSE array_fill(0::bigint, ARRAY[p_hours::int]) || p_counts[1:25 - p_hours::int]
    END
$$;

CREATE FUNCTION fromline.apply_events(p_tenant bytea, p_kinds text[], p_chats uuid[], p_lines bigint[], p_sets bytea[], p_groups boolean[], p_rosters bytea[], p_people bytea[], p_old_rosters bytea[], p_services smallint[], p_named boolean[], p_created bigint[], p_active bigint[], OUT ended integer, OUT reason text, OUT lines bigint[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    t      bigint := fromline.tenant_id(p_tenant);
    needed bytea[];
    locked bigint[];
    made   bigint[];
    moved  bigint[] := '{}';
    e      record;
    c      fromline.chat;
    s_id   bigint;
BEGIN
    lines := array_fill(NULL::bigint, ARRAY[cardinality(p_chats)]);
    IF t IS NULL AND 'seen' = ANY (p_kinds) THEN
        INSERT INTO fromline.tenant (name) VALUES (p_tenant) ON CONFLICT DO NOTHING;
        t := (SELECT id FROM fromline.tenant WHERE sha256(name) = sha256(p_tenant));
    END IF;

    -- The sets that chats come to, and those that they are in.
    needed := ARRAY(
        SELECT DISTINCT u.key FROM unnest(p_kinds, p_chats, p_sets) AS u (kind, chat, key)
        WHERE u.kind = 'moved' AND u.key IS NOT NULL OR u.kind = 'seen'
            AND NOT EXISTS (SELECT FROM fromline.chat AS o WHERE o.tenant_id = t AND o.id = u.chat));
    locked := ARRAY(
        SELECT s.id FROM fromline.chat_set AS s
        WHERE s.id IN (
            SELECT o.set_id FROM unnest(p_chats) AS u (id) JOIN fromline.chat AS o ON o.tenant_id = t AND o.id = u.id
            UNION
            SELECT n.id FROM fromline.chat_set AS n WHERE n.tenant_id = t AND n.key = ANY (needed))
        ORDER BY s.id FOR UPDATE);
    WITH inserted AS (
        INSERT INTO fromline.chat_set (tenant_id, key, is_group, revision)
        SELECT t, u.key, bool_or(u.is_group), nextval('fromline.revision')
        FROM unnest(p_sets, p_groups) AS u (key, is_group)
        WHERE u.key = ANY (needed)
            AND NOT EXISTS (SELECT FROM fromline.chat_set AS s WHERE s.tenant_id = t AND s.key = u.key AND s.id = ANY (locked))
        GROUP BY u.key ORDER BY u.key
        ON CONFLICT DO NOTHING RETURNING id)
    SELECT coalesce(array_agg(id), '{}') INTO made FROM inserted;
    locked := locked || made;
    IF (SELECT count(*) FROM fromline.chat_set AS s WHERE s.tenant_id = t AND s.key = ANY (needed) AND s.id = ANY (locked))
            < cardinality(needed)
        OR EXISTS (SELECT FROM unnest(p_chats) AS u (id) JOIN fromline.chat AS o ON o.tenant_id = t AND o.id = u.id
            WHERE o.set_id IS NOT NULL AND o.set_id <> ALL (locked)) THEN
        PERFORM fromline.lost_race();
    END IF;

    FOR e IN -- not by index: that would walk arrays of texts from their beginning each time
        SELECT * FROM unnest(
            p_kinds, p_chats, p_lines, p_sets, p_rosters, p_people, p_old_rosters, p_services, p_named, p_created, p_active)
        WITH ORDINALITY AS u (kind, chat, line, key, roster, people, old_roster, service, named, created, active, place)
    LOOP
        -- The row of a chat that is in no set is all there is to lock.
        SELECT * INTO c FROM fromline.chat WHERE tenant_id = t AND id = e.chat FOR UPDATE;
        reason := CASE
            WHEN c.id IS NULL AND e.kind <> 'seen' THEN 'unknown'
            WHEN c.line <> e.line AND e.kind = 'seen' THEN 'line'
            WHEN e.kind = 'moved' AND (c.roster IS DISTINCT FROM e.old_roster OR c.line_left AND e.key IS NOT NULL) THEN 'stale'
        END;
        IF reason IS NOT NULL THEN
            ended := e.place;
            EXIT;
        END IF;
        s_id := (SELECT id FROM fromline.chat_set WHERE tenant_id = t AND key = e.key);
        IF c.id IS NULL THEN
            INSERT INTO fromline.chat
                (tenant_id, id, set_id, line, created_at, active_at, service, named, line_left, roster)
            VALUES (t, e.chat, s_id, e.line, e.created, e.active, e.service, e.named, false, e.roster)
            ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                PERFORM fromline.lost_race();
            END IF;
            PERFORM fromline.note_people(t, e.chat, e.people);
            moved := moved || s_id;
        ELSIF e.kind = 'moved' THEN
            IF e.roster <> e.old_roster THEN
                UPDATE fromline.chat SET set_id = s_id, roster = e.roster, past_sets = past_sets || c.set_id
                WHERE tenant_id = t AND id = c.id;
                PERFORM fromline.note_people(t, c.id, e.people);
                IF NOT c.line_left THEN
                    moved := moved || c.set_id || s_id;
                END IF;
            END IF;
        ELSIF e.kind = 'named' THEN
            IF c.named <> e.named THEN
                UPDATE fromline.chat SET named = e.named WHERE tenant_id = t AND id = c.id;
                IF NOT c.line_left THEN
                    moved := moved || c.set_id;
                END IF;
            END IF;
        ELSIF e.kind = 'left' THEN
            IF NOT c.line_left THEN
                UPDATE fromline.chat SET line_left = true WHERE tenant_id = t AND id = c.id;
                moved := moved || c.set_id;
            END IF;
        ELSE
            IF fromline.touch(c, e.active) THEN
                moved := moved || c.set_id;
            END IF;
            IF e.kind = 'active' THEN
                lines[e.place] := c.line;
            ELSIF c.service = 0 AND e.service <> 0 THEN
                UPDATE fromline.chat SET service = e.service WHERE tenant_id = t AND id = c.id;
            END IF;
        END IF;
    END LOOP;

    -- Nobody has seen the sets that were made here, so their revision is new
    -- enough; and one that no chat came to is not left behind. What stands for no
    -- set goes first: nothing is <> ALL of an array with a NULL in it.
    moved := array_remove(moved, NULL);
    UPDATE fromline.chat_set SET revision = nextval('fromline.revision')
    WHERE id = ANY (moved) AND id <> ALL (made);
    DELETE FROM fromline.chat_set WHERE id = ANY (made) AND id <> ALL (moved);
END $$;

CREATE FUNCTION fromline.claim(p_lease bigint, p_limit integer) RETURNS TABLE(tenant bytea, chat_id uuid, message_id uuid, token uuid, decided_at bigint, attempts integer, body bytea)
    LANGUAGE plpgsql
    AS $$
#variable_conflict use_column
DECLARE
    now  bigint := fromline.clock();
    head fromline.delivery;
    q    fromline.queue;
BEGIN
    FOR q IN
        SELECT * FROM fromline.queue WHERE due <= now ORDER BY due LIMIT p_limit FOR UPDATE SKIP LOCKED
    LOOP
        -- A statement of its own, so that it sees what was committed before the lock.
        SELECT * INTO head FROM fromline.delivery AS d
        WHERE d.tenant_id = q.tenant_id AND d.chat_id = q.chat_id AND NOT d.parked
        ORDER BY d.seq LIMIT 1;
        IF head.forgotten THEN
            DELETE FROM fromline.delivery AS d
            WHERE d.tenant_id = q.tenant_id AND d.chat_id = q.chat_id AND d.seq = head.seq;
            PERFORM fromline.requeue(q.tenant_id, q.chat_id, 1);
            CONTINUE;
        END IF;
        tenant := (SELECT name FROM fromline.tenant WHERE id = q.tenant_id);
        chat_id := q.chat_id;
        message_id := head.message_id;
        token := gen_random_uuid();
        decided_at := head.decided_at;
        attempts := head.attempts + 1;
        body := head.body;
        UPDATE fromline.delivery AS d SET attempts = head.attempts + 1
        WHERE d.tenant_id = q.tenant_id AND d.chat_id = q.chat_id AND d.seq = head.seq;
        UPDATE fromline.queue AS u SET due = now + p_lease, token = claim.token, leased = head.seq
        WHERE u.tenant_id = q.tenant_id AND u.chat_id = q.chat_id;
        RETURN NEXT;
    END LOOP;
END $$;

CREATE FUNCTION fromline.clock() RETURNS bigint
    LANGUAGE sql
    AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

CREATE FUNCTION fromline.commit_plan(p_tenant bytea, p_set bytea, p_revision bigint, p_reuse boolean, p_chat uuid, p_line bigint, p_abandoned uuid, p_limit bigint, p_at bigint, p_hour bigint, p_roster bytea, p_people bytea, p_message uuid, p_key bytea, p_keep_until bigint, p_record bytea, p_delivery bytea, OUT outcome smallint, OUT free_hour bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    t     bigint := fromline.tenant_id(p_tenant);
    s     fromline.chat_set;
    c     fromline.chat;
    old   fromline.chat;
    l     fromline.line;
    moved boolean := true;
BEGIN
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
            INSERT INTO fromline.line (tenant_id, number, hour, opened, used_at, dirty)
            VALUES (t, p_line, l.hour, l.opened, fromline.clock(), true)
            ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                PERFORM fromline.lost_race();
            END IF;
        ELSE
            UPDATE fromline.line SET hour = l.hour, opened = l.opened, used_at = fromline.clock(), dirty = true
            WHERE tenant_id = t AND number = p_line;
        END IF;
    END IF;
    IF moved THEN
        PERFORM fromline.move_revision(s.id);
    END IF;
    IF p_delivery IS NOT NULL THEN
        PERFORM fromline.enqueue(t, p_chat, p_message, p_at, p_delivery);
    END IF;
    outcome := 0;
END $$;

CREATE FUNCTION fromline.count_messages(p_tenants bytea[], p_numbers bigint[], p_hours bigint[], p_counts bigint[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION fromline.enqueue(p_tenant_id bigint, p_chat uuid, p_message uuid, p_decided_at bigint, p_body bytea) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    now bigint := fromline.clock();
BEGIN
    INSERT INTO fromline.delivery (tenant_id, chat_id, message_id, decided_at, due, body)
    VALUES (p_tenant_id, p_chat, p_message, p_decided_at, now, p_body);
    INSERT INTO fromline.queue AS q (tenant_id, chat_id, waiting, due)
    VALUES (p_tenant_id, p_chat, 1, now)
    ON CONFLICT (tenant_id, chat_id) DO UPDATE SET waiting = q.waiting + 1;
END $$;

CREATE FUNCTION fromline.forget(p_tenant bytea, p_person bytea, p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    now   bigint := fromline.clock();
    t     bigint := fromline.tenant_id(p_tenant);
    chats uuid[];
    sets  bigint[];
    moved bigint[];
    q     fromline.queue;
BEGIN
    SELECT array_agg(f.id), array_agg(DISTINCT f.set_id) INTO chats, sets FROM (
        SELECT c.id, c.set_id FROM fromline.chat_set AS s JOIN fromline.chat AS c ON c.set_id = s.id
        WHERE s.tenant_id = t AND s.key = p_person
        UNION
        SELECT c.id, c.set_id FROM fromline.participant AS p JOIN fromline.chat AS c ON c.tenant_id = t AND c.id = p.chat_id
        WHERE p.tenant_id = t AND p.person = p_person
        LIMIT p_limit) AS f;
    IF chats IS NULL THEN
        RETURN 0;
    END IF;
    sets := sets || ARRAY(SELECT unnest(past_sets) FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats));
    sets := ARRAY(SELECT id FROM fromline.chat_set WHERE id = ANY (sets) ORDER BY id FOR UPDATE);
    PERFORM FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats) ORDER BY id FOR UPDATE;
    IF EXISTS (SELECT FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats) AND set_id IS NOT NULL AND set_id <> ALL (sets)) THEN
        PERFORM fromline.lost_race(); -- one moved while we waited
    END IF;
    moved := ARRAY(SELECT set_id FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats) AND NOT line_left);

    FOR q IN SELECT * FROM fromline.queue WHERE tenant_id = t AND chat_id = ANY (chats) ORDER BY chat_id FOR UPDATE LOOP
        IF q.token IS NOT NULL AND q.due > now THEN
            UPDATE fromline.queue SET waiting = 1 WHERE tenant_id = t AND chat_id = q.chat_id;
            UPDATE fromline.delivery SET forgotten = true WHERE tenant_id = t AND chat_id = q.chat_id AND seq = q.leased;
        ELSE
            DELETE FROM fromline.queue WHERE tenant_id = t AND chat_id = q.chat_id;
        END IF;
    END LOOP;
    DELETE FROM fromline.delivery WHERE tenant_id = t AND chat_id = ANY (chats) AND NOT forgotten;
    DELETE FROM fromline.record WHERE tenant_id = t AND chat_id = ANY (chats);
    DELETE FROM fromline.participant WHERE tenant_id = t AND chat_id = ANY (chats);
    DELETE FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats);
    DELETE FROM fromline.chat_set AS s
    WHERE s.id = ANY (sets) AND NOT EXISTS (SELECT FROM fromline.chat AS c WHERE c.set_id = s.id);
    UPDATE fromline.chat_set SET revision = nextval('fromline.revision') WHERE id = ANY (moved);
    RETURN cardinality(chats);
END $$;

CREATE FUNCTION fromline.free_hour(p_opened bigint[], p_hour bigint, p_limit bigint) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
    total bigint := (SELECT sum(n) FROM unnest(p_opened) AS n);
    later int := 0;
BEGIN
    WHILE total >= p_limit LOOP
        total := total - p_opened[25 - later];
        later := later + 1;
    END LOOP;
    RETURN p_hour + later;
END $$;

CREATE FUNCTION fromline.line_use(p_after bigint, p_limit integer) RETURNS TABLE(tenant bytea, number bigint, hour bigint, opened bigint[], messages_hour bigint, messages bigint[], change bigint)
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION fromline.lookup(p_tenant bytea, p_set bytea, p_skip_named boolean, p_limit integer, p_key bytea, p_message uuid, p_lines bigint[]) RETURNS TABLE(revision bigint, message_id uuid, record_key bytea, keep_until bigint, record bytea, chat_id uuid, line bigint, created_at bigint, active_at bigint, succeeded_at bigint, successor uuid, service smallint, named boolean, roster bytea, hour bigint, opened bigint[], messages_hour bigint, messages bigint[], change bigint)
    LANGUAGE plpgsql STABLE
    AS $$
#variable_conflict use_column
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
    s fromline.chat_set;
    r fromline.record;
BEGIN
    IF t IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO s FROM fromline.chat_set WHERE tenant_id = t AND key = p_set;
    IF p_key IS NOT NULL THEN
        SELECT * INTO r FROM fromline.record WHERE tenant_id = t AND key = p_key;
    ELSIF p_message IS NOT NULL THEN
        SELECT * INTO r FROM fromline.record WHERE tenant_id = t AND message_id = p_message;
    END IF;
    revision := s.revision;
    message_id := r.message_id;
    record_key := r.key;
    keep_until := r.keep_until;
    record := r.body;
    chat_id := r.chat_id;
    RETURN NEXT;
    RETURN QUERY
        SELECT NULL::bigint, NULL::uuid, NULL::bytea, NULL::bigint, NULL::bytea,
            c.id, c.line, c.created_at, c.active_at, c.succeeded_at, c.successor, c.service, c.named, c.roster,
            NULL::bigint, NULL::bigint[], NULL::bigint, NULL::bigint[], NULL::bigint
        FROM fromline.chat AS c
        WHERE c.set_id = s.id AND NOT c.line_left AND NOT (p_skip_named AND s.is_group AND c.named)
        ORDER BY c.active_at DESC, c.created_at DESC, c.id
        LIMIT p_limit;
    IF cardinality(p_lines) > 0 THEN
        RETURN QUERY
            SELECT NULL::bigint, NULL::uuid, NULL::bytea, NULL::bigint, NULL::bytea,
                NULL::uuid, n.number, NULL::bigint, NULL::bigint, NULL::bigint, NULL::uuid, NULL::smallint, NULL::boolean, NULL::bytea,
                l.hour, l.opened, m.hour, m.messages, l.change
            FROM unnest(p_lines) WITH ORDINALITY AS n (number, place)
            LEFT JOIN fromline.line AS l ON l.tenant_id = t AND l.number = n.number
            LEFT JOIN fromline.traffic AS m ON m.tenant_id = t AND m.number = n.number
            WHERE l.number IS NOT NULL OR m.number IS NOT NULL
            ORDER BY n.place;
    END IF;
END $$;

CREATE FUNCTION fromline.lost_race() RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'fromline: lost a race, to be run again' USING ERRCODE = 'FL001';
END $$;

CREATE FUNCTION fromline.move_revision(p_set_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE fromline.chat_set SET revision = nextval('fromline.revision') WHERE id = p_set_id;
END $$;

CREATE FUNCTION fromline.no_counts() RETURNS bigint[]
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT array_fill(0::bigint, ARRAY[25]) $$;

CREATE FUNCTION fromline.note_people(p_tenant_id bigint, p_chat uuid, p_people bytea) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO fromline.participant (tenant_id, person, chat_id)
    SELECT p_tenant_id, substring(p_people FROM 32 * i + 1 FOR 32), p_chat
    FROM generate_series(0, length(p_people) / 32 - 1) AS i
    ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION fromline.number_lines() RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION fromline.open_chat(p_tenant_id bigint, p_chat uuid, p_set_id bigint, p_line bigint, p_at bigint, p_roster bytea, p_people bytea) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO fromline.chat
        (tenant_id, id, set_id, line, created_at, active_at, service, named, line_left, roster)
    VALUES (p_tenant_id, p_chat, p_set_id, p_line, p_at,
        greatest(p_at, (SELECT max(active_at) + 1 FROM fromline.chat WHERE set_id = p_set_id AND NOT line_left)),
        0, false, false, p_roster);
    IF p_people IS NOT NULL THEN
        PERFORM fromline.note_people(p_tenant_id, p_chat, p_people);
    END IF;
END $$;

CREATE FUNCTION fromline.purge(p_before bigint, p_limit integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
DECLARE
    removed int;
BEGIN
    WITH doomed AS (
        SELECT tenant_id, message_id
        FROM fromline.record
        WHERE keep_until < p_before
        ORDER BY keep_until
        LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM fromline.record AS r
    USING doomed AS d
    WHERE r.tenant_id = d.tenant_id AND r.message_id = d.message_id;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;

CREATE FUNCTION fromline.release(p_tenant bytea, p_message uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    now bigint := fromline.clock();
    t   bigint := fromline.tenant_id(p_tenant);
    d   fromline.delivery;
    q   fromline.queue;
BEGIN
    SELECT * INTO d FROM fromline.delivery
    WHERE tenant_id = t AND message_id = p_message AND parked;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO fromline.queue AS u (tenant_id, chat_id, waiting, due)
    VALUES (t, d.chat_id, 1, now)
    ON CONFLICT (tenant_id, chat_id) DO UPDATE SET waiting = u.waiting + 1
    RETURNING u.* INTO q;
    UPDATE fromline.delivery SET parked = false, attempts = 0, due = now
    WHERE tenant_id = t AND chat_id = d.chat_id AND seq = d.seq AND parked;
    IF NOT FOUND THEN -- somebody else released it meanwhile
        UPDATE fromline.queue SET waiting = waiting - 1 WHERE tenant_id = t AND chat_id = d.chat_id;
        DELETE FROM fromline.queue WHERE tenant_id = t AND chat_id = d.chat_id AND waiting = 0;
        RETURN false;
    END IF;
    IF q.token IS NULL OR q.due <= now THEN
        PERFORM fromline.requeue(t, d.chat_id, 0);
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION fromline.report_line(p_tenant bytea, p_number bigint, p_status smallint, p_reputation smallint, p_changed_at bigint) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION fromline.requeue(p_tenant_id bigint, p_chat uuid, p_gone integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM fromline.queue
    WHERE tenant_id = p_tenant_id AND chat_id = p_chat AND waiting <= p_gone;
    IF FOUND THEN
        RETURN;
    END IF;
    UPDATE fromline.queue AS q
    SET waiting = q.waiting - p_gone, token = NULL, leased = NULL, due = (
        SELECT d.due FROM fromline.delivery AS d
        WHERE d.tenant_id = p_tenant_id AND d.chat_id = p_chat AND NOT d.parked
        ORDER BY d.seq LIMIT 1)
    WHERE q.tenant_id = p_tenant_id AND q.chat_id = p_chat;
END $$;

CREATE FUNCTION fromline.settle(p_tenant bytea, p_message uuid, p_token uuid, p_action text, p_wait bigint) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    now       bigint := fromline.clock();
    q         fromline.queue;
    forgotten boolean;
BEGIN
    SELECT u.* INTO q
    FROM fromline.delivery AS d
    JOIN fromline.queue AS u ON u.tenant_id = d.tenant_id AND u.chat_id = d.chat_id AND u.leased = d.seq
    WHERE d.tenant_id = fromline.tenant_id(p_tenant) AND d.message_id = p_message
        AND u.token = p_token AND u.due > now
    FOR UPDATE OF u;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF p_action = 'renew' THEN
        UPDATE fromline.queue SET due = now + p_wait WHERE tenant_id = q.tenant_id AND chat_id = q.chat_id;
        RETURN true;
    END IF;
    DELETE FROM fromline.delivery AS d
    WHERE d.tenant_id = q.tenant_id AND d.chat_id = q.chat_id AND d.seq = q.leased AND (p_action = 'ack' OR d.forgotten);
    IF FOUND THEN
        PERFORM fromline.requeue(q.tenant_id, q.chat_id, 1);
    ELSIF p_action = 'park' THEN
        UPDATE fromline.delivery SET parked = true
        WHERE tenant_id = q.tenant_id AND chat_id = q.chat_id AND seq = q.leased;
        PERFORM fromline.requeue(q.tenant_id, q.chat_id, 1);
    ELSE
        UPDATE fromline.delivery SET due = now + p_wait
        WHERE tenant_id = q.tenant_id AND chat_id = q.chat_id AND seq = q.leased;
        PERFORM fromline.requeue(q.tenant_id, q.chat_id, 0);
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION fromline.tenant_id(p_name bytea) RETURNS bigint
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (SELECT id FROM fromline.tenant WHERE sha256(name) = sha256(p_name));
END $$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE fromline.chat (
    tenant_id bigint NOT NULL,
    id uuid NOT NULL,
    set_id bigint,
    past_sets bigint[],
    line bigint NOT NULL,
    created_at bigint NOT NULL,
    active_at bigint NOT NULL,
    succeeded_at bigint,
    successor uuid,
    service smallint NOT NULL,
    named boolean NOT NULL,
    line_left boolean NOT NULL,
    roster bytea NOT NULL
)
WITH (fillfactor='85');

CREATE FUNCTION fromline.touch(c fromline.chat, p_at bigint) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    rival fromline.chat;
BEGIN
    IF p_at <= c.active_at THEN
        RETURN false;
    END IF;
    UPDATE fromline.chat SET active_at = p_at WHERE tenant_id = c.tenant_id AND id = c.id;
    IF c.line_left THEN
        RETURN false;
    END IF;
    SELECT * INTO rival FROM fromline.chat AS o
    WHERE o.set_id = c.set_id AND o.id <> c.id AND NOT o.line_left
    ORDER BY o.active_at DESC, o.created_at DESC, o.id LIMIT 1;
    RETURN FOUND
        AND (rival.active_at, rival.created_at, c.id) > (c.active_at, c.created_at, rival.id)
        AND (rival.active_at, rival.created_at, c.id) < (p_at, c.created_at, rival.id);
END $$;

CREATE TABLE fromline.chat_set (
    id bigint NOT NULL,
    tenant_id bigint NOT NULL,
    key bytea NOT NULL,
    is_group boolean NOT NULL,
    revision bigint NOT NULL
)
WITH (fillfactor='90');

ALTER TABLE fromline.chat_set ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME fromline.chat_set_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE fromline.counter (
    name text NOT NULL,
    value bigint NOT NULL
);

CREATE TABLE fromline.delivery (
    tenant_id bigint NOT NULL,
    chat_id uuid NOT NULL,
    seq bigint NOT NULL,
    message_id uuid NOT NULL,
    decided_at bigint NOT NULL,
    due bigint NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    parked boolean DEFAULT false NOT NULL,
    forgotten boolean DEFAULT false NOT NULL,
    body bytea NOT NULL
)
WITH (fillfactor='85');

ALTER TABLE fromline.delivery ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME fromline.delivery_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE fromline.line (
    tenant_id bigint NOT NULL,
    number bigint NOT NULL,
    hour bigint NOT NULL,
    opened bigint[] NOT NULL,
    used_at bigint NOT NULL,
    dirty boolean NOT NULL,
    change bigint
)
WITH (fillfactor='50');

CREATE TABLE fromline.line_state (
    tenant_id bigint NOT NULL,
    number bigint NOT NULL,
    status smallint NOT NULL,
    reputation smallint NOT NULL,
    changed_at bigint NOT NULL,
    change bigint NOT NULL
);

CREATE TABLE fromline.migration (
    version integer NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE fromline.participant (
    tenant_id bigint NOT NULL,
    person bytea NOT NULL,
    chat_id uuid NOT NULL
);

CREATE TABLE fromline.queue (
    tenant_id bigint NOT NULL,
    chat_id uuid NOT NULL,
    waiting integer NOT NULL,
    due bigint NOT NULL,
    token uuid,
    leased bigint
)
WITH (fillfactor='70');

CREATE TABLE fromline.record (
    tenant_id bigint NOT NULL,
    message_id uuid NOT NULL,
    chat_id uuid NOT NULL,
    key bytea,
    keep_until bigint NOT NULL,
    body bytea NOT NULL
);

CREATE SEQUENCE fromline.revision
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 32;

CREATE TABLE fromline.tenant (
    id bigint NOT NULL,
    name bytea NOT NULL
);

ALTER TABLE fromline.tenant ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME fromline.tenant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE fromline.traffic (
    tenant_id bigint NOT NULL,
    number bigint NOT NULL,
    hour bigint NOT NULL,
    messages bigint[] NOT NULL,
    used_at bigint NOT NULL,
    dirty boolean NOT NULL
)
WITH (fillfactor='50');

INSERT INTO fromline.chat VALUES (1, '02000000-0000-4000-8000-000000000002', 3, '{1}', 13015550102, 1772366400123456, 1772366460123456, NULL, NULL, 0, true, false, '\x0103bfaa9de62cb2f6f4efee0c010f616e6e406578616d706c652e636f6d80c987dba6fda5060180c987dba6fda50680c987dba6fda5068081c0cda7fda506');
INSERT INTO fromline.chat VALUES (1, '03000000-0000-4000-8000-000000000003', 4, NULL, 13015550101, 1772366400123456, 1772366400123456, NULL, NULL, 0, false, true, '\x0101b2f6f4efee0c80c987dba6fda50600');
INSERT INTO fromline.chat VALUES (2, '01000000-0000-4000-8000-000000000001', 5, NULL, 13015550103, 1772366400123456, 1772366400123456, NULL, NULL, 0, false, false, '\x0101b2f6f4efee0c80c987dba6fda50600');
INSERT INTO fromline.chat VALUES (1, '04000000-0000-4000-8000-000000000004', 4, NULL, 13015550102, 1772370000123456, 1772373600123456, NULL, NULL, 0, false, false, '\x0101b2f6f4efee0c80d9a4c4c1fda50600');
INSERT INTO fromline.chat VALUES (1, '05000000-0000-4000-8000-000000000005', 2, NULL, 13015550103, 1772377200123456, 1772377200123456, NULL, NULL, 0, false, false, '\x0101bfaa9de62c80f9de96f7fda50600');
INSERT INTO fromline.chat VALUES (1, '01000000-0000-4000-8000-000000000001', 2, NULL, 13015550101, 1772366400123456, 1772370000123456, 1772377200123456, '05000000-0000-4000-8000-000000000005', 3, false, false, '\x0101bfaa9de62c80c987dba6fda50600');

INSERT INTO fromline.chat_set OVERRIDING SYSTEM VALUE VALUES (1, 1, '\x71ed19db033356a3b12ff774e4d8c902cb8ed9501f287434092f77fa7faa42ae', true, 1);
INSERT INTO fromline.chat_set OVERRIDING SYSTEM VALUE VALUES (3, 1, '\xb663c6e0b3182361561f41f8b727e561c3493646f4efddd0866cc7ffff447b3b', true, 3);
INSERT INTO fromline.chat_set OVERRIDING SYSTEM VALUE VALUES (5, 2, '\xd23ecb403f3cb2e2f96c636f558caa863947f7a550873557a1f8a9afb773e0bc', false, 5);
INSERT INTO fromline.chat_set OVERRIDING SYSTEM VALUE VALUES (4, 1, '\xd23ecb403f3cb2e2f96c636f558caa863947f7a550873557a1f8a9afb773e0bc', false, 6);
INSERT INTO fromline.chat_set OVERRIDING SYSTEM VALUE VALUES (2, 1, '\x79b841a505d15bf4a5c9cf69e13e76005fc14eba2e0ba1d6457b7ee6f1cbc066', false, 7);

INSERT INTO fromline.counter VALUES ('line_use', 0);
INSERT INTO fromline.counter VALUES ('line_state', 5);

INSERT INTO fromline.delivery OVERRIDING SYSTEM VALUE VALUES (1, '04000000-0000-4000-8000-000000000004', 2, '42000000-0000-4000-8000-000000000042', 1772373600123456, 1795838290598969, 0, false, false, '\x019691a6be3001b2f6f4efee0c017365636f6e64');
INSERT INTO fromline.delivery OVERRIDING SYSTEM VALUE VALUES (1, '04000000-0000-4000-8000-000000000004', 1, '41000000-0000-4000-8000-000000000041', 1772370000123456, 1795838290627823, 1, false, false, '\x019691a6be3001b2f6f4efee0c026669727374');
INSERT INTO fromline.delivery OVERRIDING SYSTEM VALUE VALUES (1, '05000000-0000-4000-8000-000000000005', 3, '51000000-0000-4000-8000-000000000051', 1772377200123456, 1795838290605440, 1, true, false, '\x019791a6be3001bfaa9de62c037468697264');

INSERT INTO fromline.line VALUES (1, 13015550102, 492325, '{1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}', 1795838290592717, true, NULL);
INSERT INTO fromline.line VALUES (1, 13015550103, 492327, '{1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}', 1795838290605383, true, NULL);

INSERT INTO fromline.line_state VALUES (1, 13015550101, 2, 0, 1772366460123456, 1);
INSERT INTO fromline.line_state VALUES (1, 13015550103, 1, 3, 1772366580123456, 3);
INSERT INTO fromline.line_state VALUES (2, 13015550101, 1, 1, 1772366400123456, 4);
INSERT INTO fromline.line_state VALUES (1, 13015550102, 0, 1, 1772366640123456, 5);

INSERT INTO fromline.migration VALUES (1, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (2, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (3, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (4, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (5, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (6, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (7, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (8, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (9, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (10, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (11, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (12, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (13, '2026-11-28 03:58:10.208292+00');
INSERT INTO fromline.migration VALUES (14, '2026-11-28 03:58:10.208292+00');

INSERT INTO fromline.participant VALUES (1, '\x79b841a505d15bf4a5c9cf69e13e76005fc14eba2e0ba1d6457b7ee6f1cbc066', '02000000-0000-4000-8000-000000000002');
INSERT INTO fromline.participant VALUES (1, '\xd23ecb403f3cb2e2f96c636f558caa863947f7a550873557a1f8a9afb773e0bc', '02000000-0000-4000-8000-000000000002');
INSERT INTO fromline.participant VALUES (1, '\xa1ab399c09a951eeb5d8969ed80ce619d2743746eb693b0810ef7cc5cb63f25c', '02000000-0000-4000-8000-000000000002');

INSERT INTO fromline.queue VALUES (1, '04000000-0000-4000-8000-000000000004', 2, 1795838290627823, NULL, NULL);

INSERT INTO fromline.record VALUES (1, '41000000-0000-4000-8000-000000000041', '04000000-0000-4000-8000-000000000004', '\x6b65792d31', 1772542800123456, '\x01000000000000000000000000000000009691a6be300280d9a4c4c1fda50601b2f6f4efee0c80d9a4c4c1fda506000000000000000000000000000000000000000000000000000000000000000000000000000106612e6e6f7465');
INSERT INTO fromline.record VALUES (1, '42000000-0000-4000-8000-000000000042', '04000000-0000-4000-8000-000000000004', NULL, 1772546400123456, '\x01000000000000000000000000000000009691a6be300180e9c1addcfda50601b2f6f4efee0c80e9c1addcfda5060000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO fromline.record VALUES (1, '51000000-0000-4000-8000-000000000051', '05000000-0000-4000-8000-000000000005', '\x6b65792d32', 1772550000123456, '\x01010000000000400080000000000000019791a6be300380f9de96f7fda50601bfaa9de62c80f9de96f7fda5060000000000000000000000000000000000000000000000000000000000000000000000000000');

INSERT INTO fromline.tenant OVERRIDING SYSTEM VALUE VALUES (1, '\x61636d65');
INSERT INTO fromline.tenant OVERRIDING SYSTEM VALUE VALUES (2, '\x62c3bc726f');

INSERT INTO fromline.traffic VALUES (1, 13015550101, 492325, '{7,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}', 1795838290659302, true);
INSERT INTO fromline.traffic VALUES (1, 13015550102, 492326, '{1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}', 1795838290659640, true);
INSERT INTO fromline.traffic VALUES (1, 13015550103, 492327, '{1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}', 1795838290659723, true);

SELECT pg_catalog.setval('fromline.chat_set_id_seq', 5, true);

SELECT pg_catalog.setval('fromline.delivery_seq_seq', 3, true);

SELECT pg_catalog.setval('fromline.revision', 32, true);

SELECT pg_catalog.setval('fromline.tenant_id_seq', 2, true);

ALTER TABLE ONLY fromline.chat
    ADD CONSTRAINT chat_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY fromline.chat_set
    ADD CONSTRAINT chat_set_pkey PRIMARY KEY (id);

ALTER TABLE ONLY fromline.chat_set
    ADD CONSTRAINT chat_set_tenant_id_key_key UNIQUE (tenant_id, key);

ALTER TABLE ONLY fromline.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (name);

ALTER TABLE ONLY fromline.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (tenant_id, chat_id, seq);

ALTER TABLE ONLY fromline.line
    ADD CONSTRAINT line_pkey PRIMARY KEY (tenant_id, number);

ALTER TABLE ONLY fromline.line_state
    ADD CONSTRAINT line_state_pkey PRIMARY KEY (tenant_id, number);

ALTER TABLE ONLY fromline.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (version);

ALTER TABLE ONLY fromline.participant
    ADD CONSTRAINT participant_pkey PRIMARY KEY (tenant_id, person, chat_id);

ALTER TABLE ONLY fromline.queue
    ADD CONSTRAINT queue_pkey PRIMARY KEY (tenant_id, chat_id);

ALTER TABLE ONLY fromline.record
    ADD CONSTRAINT record_pkey PRIMARY KEY (tenant_id, message_id);

ALTER TABLE ONLY fromline.tenant
    ADD CONSTRAINT tenant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY fromline.traffic
    ADD CONSTRAINT traffic_pkey PRIMARY KEY (tenant_id, number);

CREATE INDEX chat_by_line ON fromline.chat USING btree (tenant_id, line, id);

CREATE INDEX chat_by_set ON fromline.chat USING btree (set_id);

CREATE UNIQUE INDEX delivery_by_message ON fromline.delivery USING btree (tenant_id, message_id);

CREATE INDEX delivery_parked ON fromline.delivery USING btree (tenant_id, message_id) WHERE parked;

CREATE INDEX line_by_change ON fromline.line USING btree (change);

CREATE INDEX line_dirty ON fromline.line USING btree (tenant_id, number) WHERE dirty;

CREATE UNIQUE INDEX line_state_by_change ON fromline.line_state USING btree (change);

CREATE INDEX participant_by_chat ON fromline.participant USING btree (tenant_id, chat_id);

CREATE INDEX queue_by_due ON fromline.queue USING btree (due);

CREATE INDEX record_by_chat ON fromline.record USING btree (tenant_id, chat_id);

CREATE INDEX record_by_expiry ON fromline.record USING btree (keep_until);

CREATE UNIQUE INDEX record_by_key ON fromline.record USING btree (tenant_id, key) WHERE (key IS NOT NULL);

CREATE UNIQUE INDEX tenant_by_name ON fromline.tenant USING btree (sha256(name));

CREATE INDEX traffic_dirty ON fromline.traffic USING btree (tenant_id, number) WHERE dirty;
