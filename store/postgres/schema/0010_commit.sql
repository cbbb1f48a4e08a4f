-- commit_plan makes one decision durable, or says what hinders it:
--
--   0  committed
--   1  the revision moved
--   2  the line is full until free_hour, in hours since 1970
--   3  the idempotency key or the message id is taken
--   4  the chat to be opened exists
--   5  the chat to be reused is not one of the set
--   6  the chat to be reused is on another line
--   7  the abandoned chat is not one of the set
--   8  a delivery of that message is in the outbox still; its record was purged
--
-- It locks the set, then the line; checks all; and then writes. The record is
-- both the last check and the first write, so that every answer but 0 leaves
-- nothing behind, without an error that would fill the server's log. Only where
-- the row to be locked does not exist yet can two callers meet at the write:
-- see lost_race.
CREATE FUNCTION fromline.commit_plan(
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

-- open_chat adds a chat that is active at its creation, or a microsecond after
-- the most recently active chat of its set, whichever is later.
CREATE FUNCTION fromline.open_chat(
    p_tenant_id bigint, p_chat uuid, p_set_id bigint, p_line bigint, p_at bigint, p_roster bytea, p_people bytea) RETURNS void
LANGUAGE plpgsql AS $$
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

-- free_hour returns the first hour, from p_hour on, in which a line that opens
-- nothing until then is below its limit. The counts are those of p_hour.
CREATE FUNCTION fromline.free_hour(p_opened bigint[], p_hour bigint, p_limit bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
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
