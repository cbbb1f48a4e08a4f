-- A session keeps the plan of a statement of a function until statistics change.
-- A plan made on an empty table may read the whole table, or an index by tenant
-- alone, and is kept while the table fills. These changes leave it no such way.

-- The column that few rows share comes first in every index in which a tenant
-- stood first.
ALTER TABLE fromline.chat_set DROP CONSTRAINT chat_set_tenant_id_key_key;
ALTER TABLE fromline.chat_set ADD CONSTRAINT chat_set_key UNIQUE (key, tenant_id);

ALTER TABLE fromline.participant DROP CONSTRAINT participant_pkey;
ALTER TABLE fromline.participant ADD PRIMARY KEY (person, tenant_id, chat_id);
DROP INDEX fromline.participant_by_chat;
CREATE INDEX participant_by_chat ON fromline.participant (chat_id, tenant_id);

ALTER TABLE fromline.line DROP CONSTRAINT line_pkey;
ALTER TABLE fromline.line ADD PRIMARY KEY (number, tenant_id);
ALTER TABLE fromline.traffic DROP CONSTRAINT traffic_pkey;
ALTER TABLE fromline.traffic ADD PRIMARY KEY (number, tenant_id);

DROP INDEX fromline.record_by_key;
DROP INDEX fromline.record_by_chat;
ALTER TABLE fromline.record DROP CONSTRAINT record_pkey;
CREATE INDEX record_by_chat ON fromline.record (chat_id, tenant_id);
CREATE UNIQUE INDEX record_by_key ON fromline.record (key, tenant_id) WHERE key IS NOT NULL;
ALTER TABLE fromline.record ADD PRIMARY KEY (message_id, tenant_id);

ALTER TABLE fromline.delivery DROP CONSTRAINT delivery_pkey;
DROP INDEX fromline.delivery_by_message;
CREATE UNIQUE INDEX delivery_by_message ON fromline.delivery (message_id, tenant_id);
ALTER TABLE fromline.delivery ADD PRIMARY KEY (chat_id, tenant_id, seq);
ALTER TABLE fromline.queue DROP CONSTRAINT queue_pkey;
ALTER TABLE fromline.queue ADD PRIMARY KEY (chat_id, tenant_id);

-- Chats are listed by tenant, in the order of their ids, so here a tenant stays
-- first. Of two indexes that look equally good the planner takes the one that was
-- made last.
DROP INDEX fromline.chat_by_line;
CREATE INDEX chat_by_line ON fromline.chat (line, tenant_id, id);
ALTER TABLE fromline.chat DROP CONSTRAINT chat_pkey;
ALTER TABLE fromline.chat ADD PRIMARY KEY (tenant_id, id);

-- apply_events reads the chats and sets of a batch one by one: OFFSET 0 stands
-- where the planner might otherwise join a batch to all that a tenant has.
CREATE OR REPLACE FUNCTION fromline.apply_events(
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
            AND NOT EXISTS (SELECT FROM fromline.chat AS o WHERE o.tenant_id = t AND o.id = u.chat OFFSET 0));
    locked := ARRAY(
        SELECT k.set_id FROM unnest(p_chats) AS u (id)
        CROSS JOIN LATERAL (SELECT o.set_id FROM fromline.chat AS o WHERE o.tenant_id = t AND o.id = u.id OFFSET 0) AS k
        UNION
        SELECT k.id FROM unnest(needed) AS u (key)
        CROSS JOIN LATERAL (SELECT o.id FROM fromline.chat_set AS o WHERE o.tenant_id = t AND o.key = u.key OFFSET 0) AS k);
    locked := ARRAY(SELECT id FROM fromline.chat_set WHERE id = ANY (locked) ORDER BY id FOR UPDATE);
    WITH inserted AS (
        INSERT INTO fromline.chat_set (tenant_id, key, is_group, revision)
        SELECT t, u.key, bool_or(u.is_group), nextval('fromline.revision')
        FROM unnest(p_sets, p_groups) AS u (key, is_group)
        WHERE u.key IN (SELECT unnest(needed))
            AND NOT EXISTS (SELECT FROM fromline.chat_set AS s WHERE s.tenant_id = t AND s.key = u.key AND s.id = ANY (locked) OFFSET 0)
        GROUP BY u.key ORDER BY u.key
        ON CONFLICT DO NOTHING RETURNING id)
    SELECT coalesce(array_agg(id), '{}') INTO made FROM inserted;
    locked := locked || made;
    IF EXISTS (SELECT FROM unnest(needed) AS u (key)
            LEFT JOIN LATERAL (SELECT o.id FROM fromline.chat_set AS o WHERE o.tenant_id = t AND o.key = u.key OFFSET 0) AS k ON true
            WHERE k.id IS NULL OR k.id NOT IN (SELECT unnest(locked)))
        OR EXISTS (SELECT FROM unnest(p_chats) AS u (id)
            CROSS JOIN LATERAL (SELECT o.set_id FROM fromline.chat AS o WHERE o.tenant_id = t AND o.id = u.id OFFSET 0) AS k
            WHERE k.set_id IS NOT NULL AND k.set_id NOT IN (SELECT unnest(locked))) THEN
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
            IF e.people IS NOT NULL THEN
                PERFORM fromline.note_people(t, e.chat, e.people);
            END IF;
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

    -- No other session has seen the sets that were made here, so their revision
    -- is new enough; and one that no chat came to is not left behind. A NULL in an
    -- array, which stands for no set, equals no id.
    UPDATE fromline.chat_set SET revision = nextval('fromline.revision')
    WHERE id = ANY (ARRAY(SELECT unnest(moved) EXCEPT SELECT unnest(made)));
    DELETE FROM fromline.chat_set
    WHERE id = ANY (ARRAY(SELECT unnest(made) EXCEPT SELECT unnest(moved)));
END $$;

-- Every statement of these functions has an index to go by.
ALTER FUNCTION fromline.lookup SET enable_seqscan = off;
ALTER FUNCTION fromline.commit_plan SET enable_seqscan = off;
ALTER FUNCTION fromline.apply_events SET enable_seqscan = off;
ALTER FUNCTION fromline.claim SET enable_seqscan = off;
ALTER FUNCTION fromline.settle SET enable_seqscan = off;
ALTER FUNCTION fromline.release SET enable_seqscan = off;
ALTER FUNCTION fromline.forget SET enable_seqscan = off;
ALTER FUNCTION fromline.purge SET enable_seqscan = off;
ALTER FUNCTION fromline.count_messages SET enable_seqscan = off;
