-- apply_events applies events in order, one for each element of the arrays. What
-- an event is about stands in p_chats; and of the other arrays
--
--   seen      a chat exists           all but p_old_rosters
--   active    it was active           p_active
--   named     a name was set or not   p_named
--   left      our line left it        none
--   moved     its participants are    p_sets, p_groups, p_rosters, p_people, p_old_rosters
--
-- say the rest. p_people are all who take part, or took part until now. A chat
-- without participants, and one that our line left, moves to no set: NULL.
--
-- The first event that cannot be applied ends it: ended is its place, from 1,
-- and reason is unknown (no such chat), line (the chat is on another line) or
-- stale (the participants are not p_old_rosters). Those before it stay. For each
-- active event that was applied lines holds the line of the chat.
--
-- All sets are locked first, those that exist by id and then new ones by key,
-- so that two callers never wait for each other.
CREATE FUNCTION fromline.apply_events(
    p_tenant bytea, p_kinds text[], p_chats uuid[], p_lines bigint[],
    p_sets bytea[], p_groups boolean[], p_rosters bytea[], p_people bytea[], p_old_rosters bytea[],
    p_services smallint[], p_named boolean[], p_created bigint[], p_active bigint[],
    OUT ended int, OUT reason text, OUT lines bigint[])
LANGUAGE plpgsql AS $$
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
