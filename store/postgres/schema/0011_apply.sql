-- apply_events applies events that leave the participants as they are, in
-- order, one for each element of the arrays:
--
--   seen      a chat exists: all arrays speak of it
--   active    it was active at p_active
--   named     a name was set or cleared: p_named
--   left      our line is no longer in it
--
-- The first that cannot be applied ends it: failed is its place, from 1, and
-- failure is unknown (no such chat) or line (the chat is on another line). Those
-- before it stay. For each active event lines holds the line of the chat.
--
-- All sets are locked first, those that exist by id and then new ones by key,
-- so that two callers never wait for each other.
CREATE FUNCTION fromline.apply_events(
    p_tenant bytea, p_kinds text[], p_chats uuid[], p_lines bigint[], p_sets bytea[], p_rosters bytea[], p_people bytea[],
    p_services smallint[], p_named boolean[], p_created bigint[], p_active bigint[],
    OUT failed int, OUT failure text, OUT lines bigint[])
LANGUAGE plpgsql AS $$
DECLARE
    t      bigint := fromline.tenant_id(p_tenant);
    locked bigint[];
    absent bytea[];
    made   bigint[];
    moved  bigint[] := '{}';
    c      fromline.chat;
    s_id   bigint;
BEGIN
    lines := array_fill(NULL::bigint, ARRAY[cardinality(p_chats)]);
    IF t IS NULL AND 'seen' = ANY (p_kinds) THEN
        INSERT INTO fromline.tenant (name) VALUES (p_tenant) ON CONFLICT DO NOTHING;
        t := (SELECT id FROM fromline.tenant WHERE sha256(name) = sha256(p_tenant));
    END IF;

    -- The sets of chats that are known, and of those that the events make known.
    SELECT array_agg(DISTINCT c1.set_id) INTO locked
    FROM unnest(p_chats) AS e (id) JOIN fromline.chat AS c1 ON c1.tenant_id = t AND c1.id = e.id;
    SELECT array_agg(DISTINCT e.key ORDER BY e.key) INTO absent
    FROM unnest(p_kinds, p_chats, p_sets) AS e (kind, id, key)
    WHERE e.kind = 'seen' AND NOT EXISTS (SELECT FROM fromline.chat AS c1 WHERE c1.tenant_id = t AND c1.id = e.id);
    locked := locked || ARRAY(SELECT id FROM fromline.chat_set WHERE tenant_id = t AND key = ANY (absent));
    locked := ARRAY(SELECT id FROM fromline.chat_set WHERE id = ANY (locked) ORDER BY id FOR UPDATE);
    absent := ARRAY(
        SELECT a.key FROM unnest(absent) AS a (key)
        WHERE NOT EXISTS (SELECT FROM fromline.chat_set AS s WHERE s.tenant_id = t AND s.key = a.key AND s.id = ANY (locked)));
    WITH inserted AS (
        INSERT INTO fromline.chat_set (tenant_id, key, is_group, revision)
        SELECT t, e.key, bool_or(e.people IS NOT NULL), nextval('fromline.revision')
        FROM unnest(p_sets, p_people) AS e (key, people)
        WHERE e.key = ANY (absent) GROUP BY e.key ORDER BY e.key
        ON CONFLICT DO NOTHING RETURNING id)
    SELECT coalesce(array_agg(id), '{}') INTO made FROM inserted;
    IF cardinality(made) <> cardinality(absent)
        OR EXISTS (SELECT FROM unnest(p_chats) AS e (id) JOIN fromline.chat AS c1 ON c1.tenant_id = t AND c1.id = e.id
            WHERE c1.set_id IS NOT NULL AND c1.set_id <> ALL (locked || made)) THEN
        PERFORM fromline.lost_race();
    END IF;

    FOR i IN 1 .. cardinality(p_chats) LOOP
        -- Chats that nobody is left in have no set: their own row is locked.
        SELECT * INTO c FROM fromline.chat WHERE tenant_id = t AND id = p_chats[i] FOR UPDATE;
        IF NOT FOUND THEN
            IF p_kinds[i] <> 'seen' THEN
                failed := i;
                failure := 'unknown';
                EXIT;
            END IF;
            s_id := (SELECT id FROM fromline.chat_set WHERE tenant_id = t AND key = p_sets[i]);
            INSERT INTO fromline.chat
                (tenant_id, id, set_id, line, created_at, active_at, service, named, line_left, roster)
            VALUES (t, p_chats[i], s_id, p_lines[i], p_created[i], p_active[i], p_services[i], p_named[i], false, p_rosters[i])
            ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                PERFORM fromline.lost_race();
            END IF;
            IF p_people[i] IS NOT NULL THEN
                PERFORM fromline.note_people(t, p_chats[i], p_people[i]);
            END IF;
            moved := moved || s_id;
        ELSIF p_kinds[i] = 'named' THEN
            IF c.named <> p_named[i] THEN
                UPDATE fromline.chat SET named = p_named[i] WHERE tenant_id = t AND id = c.id;
                IF NOT c.line_left THEN
                    moved := moved || c.set_id;
                END IF;
            END IF;
        ELSIF p_kinds[i] = 'left' THEN
            IF NOT c.line_left THEN
                UPDATE fromline.chat SET line_left = true WHERE tenant_id = t AND id = c.id;
                moved := moved || c.set_id;
            END IF;
        ELSIF p_kinds[i] = 'seen' AND c.line <> p_lines[i] THEN
            failed := i;
            failure := 'line';
            EXIT;
        ELSE
            IF fromline.touch(c, p_active[i]) THEN
                moved := moved || c.set_id;
            END IF;
            IF p_kinds[i] = 'active' THEN
                lines[i] := c.line;
            ELSIF c.service = 0 AND p_services[i] <> 0 THEN
                UPDATE fromline.chat SET service = p_services[i] WHERE tenant_id = t AND id = c.id;
            END IF;
        END IF;
    END LOOP;

    -- Nobody has seen the sets that were made here, so their revision is new
    -- enough; and one that no event came to use is not left behind.
    UPDATE fromline.chat_set SET revision = nextval('fromline.revision')
    WHERE id = ANY (moved) AND id <> ALL (made);
    DELETE FROM fromline.chat_set AS s
    WHERE s.id = ANY (made) AND NOT EXISTS (SELECT FROM fromline.chat AS c1 WHERE c1.set_id = s.id);
END $$;
