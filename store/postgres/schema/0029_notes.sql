-- Small things that are kept beside chats and messages, found by name.
CREATE TABLE fromline.note (
    tenant_id  bigint  NOT NULL,
    name       bytea   NOT NULL,
    subject    uuid    NOT NULL, -- a chat, which need not be known, or a message
    of_message boolean NOT NULL,
    body       bytea   NOT NULL,
    names      bytea   NOT NULL, -- of the persons that it names, one after the other
    PRIMARY KEY (tenant_id, name)
);

CREATE INDEX note_by_subject ON fromline.note (tenant_id, subject);

-- The persons that notes name: see the table participant.
CREATE TABLE fromline.note_person (
    tenant_id bigint NOT NULL,
    person    bytea  NOT NULL,
    name      bytea  NOT NULL,
    PRIMARY KEY (tenant_id, person, name)
);

CREATE INDEX note_person_by_note ON fromline.note_person (tenant_id, name);

-- put_note keeps a note with the persons that it names.
CREATE FUNCTION fromline.put_note(t bigint, p_name bytea, p_of uuid, p_of_message boolean, p_body bytea, p_names bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fromline.note (tenant_id, name, subject, of_message, body, names)
    VALUES (t, p_name, p_of, p_of_message, p_body, p_names)
    ON CONFLICT (tenant_id, name) DO UPDATE SET subject = p_of, of_message = p_of_message, body = p_body, names = p_names;
    IF p_of_message THEN
        RETURN;
    END IF;
    DELETE FROM fromline.note_person WHERE tenant_id = t AND name = p_name;
    INSERT INTO fromline.note_person (tenant_id, person, name)
    SELECT t, substring(p_names FROM 32 * i + 1 FOR 32), p_name FROM generate_series(0, length(p_names) / 32 - 1) AS i
    ON CONFLICT DO NOTHING;
END $$;

-- need_tenant returns the number of a tenant, which it makes known.
CREATE FUNCTION fromline.need_tenant(p_tenant bytea) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    IF t IS NULL THEN
        INSERT INTO fromline.tenant (name) VALUES (p_tenant) ON CONFLICT DO NOTHING RETURNING id INTO t;
        IF t IS NULL THEN
            PERFORM fromline.lost_race();
        END IF;
    END IF;
    RETURN t;
END $$;

-- keep_note keeps a note if what is kept under its name is still of p_was_of, with
-- the body p_was; or nothing, where they are NULL. It returns 1 if it kept it, 0 if
-- not, and 2 if there is no record of the message.
CREATE FUNCTION fromline.keep_note(
    p_tenant bytea, p_name bytea, p_was_of uuid, p_was bytea, p_of uuid, p_of_message boolean, p_body bytea, p_names bytea) RETURNS smallint
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.need_tenant(p_tenant);
    n fromline.note;
BEGIN
    IF p_of_message THEN
        FOR i IN 1..2 LOOP -- a reroute that we waited for writes the record anew
            PERFORM FROM fromline.record WHERE tenant_id = t AND message_id = p_of FOR SHARE; -- a purge leaves it
            EXIT WHEN FOUND;
            IF i = 2 THEN
                RETURN 2;
            END IF;
        END LOOP;
    END IF;
    SELECT * INTO n FROM fromline.note WHERE tenant_id = t AND name = p_name FOR UPDATE;
    IF n.subject IS DISTINCT FROM p_was_of OR n.body IS DISTINCT FROM p_was THEN
        RETURN 0;
    END IF;
    IF n.subject IS NULL THEN
        INSERT INTO fromline.note (tenant_id, name, subject, of_message, body, names) VALUES (t, p_name, p_of, p_of_message, p_body, '')
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            RETURN 0;
        END IF;
    END IF;
    PERFORM fromline.put_note(t, p_name, p_of, p_of_message, p_body, p_names);
    RETURN 1;
END $$;

-- hear takes in a direct message as store.Inbox.Hear says. What it returns as heard
-- is a store.Heard; counts says whether the message is counted against the line.
-- The set of the chat is locked first, as a commit and a change of the chat lock
-- it.
CREATE FUNCTION fromline.hear(
    p_tenant bytea, p_person bytea, p_handle text, p_line bigint, p_chat uuid, p_note bytea, p_at bigint, p_service smallint,
    p_opted_out boolean, p_unless_blocked boolean, p_roster bytea,
    OUT chat uuid, OUT heard smallint, OUT counts boolean)
LANGUAGE plpgsql AS $$
DECLARE
    t    bigint := fromline.need_tenant(p_tenant);
    n    fromline.note;
    s    fromline.chat_set;
    c    fromline.chat;
    was  bigint;
    news boolean := false;
BEGIN
    counts := false;
    IF p_opted_out IS NOT NULL THEN
        SELECT applied INTO news FROM fromline.change_consent(p_tenant, p_person, p_handle, 'opted_out', p_opted_out, p_at, '');
    END IF;
    IF p_unless_blocked AND EXISTS (SELECT FROM fromline.consent AS k WHERE k.person = p_person AND k.tenant_id = t AND k.blocked) THEN
        heard := 5;
        RETURN;
    END IF;
    IF p_note IS NOT NULL THEN
        SELECT * INTO n FROM fromline.note AS o WHERE o.tenant_id = t AND o.name = p_note;
        SELECT * INTO c FROM fromline.chat AS o WHERE o.tenant_id = t AND o.id = n.subject;
    END IF;
    IF c.id IS NULL THEN
        SELECT * INTO c FROM fromline.chat AS o WHERE o.tenant_id = t AND o.id = p_chat;
    END IF;
    IF c.id IS NOT NULL THEN
        was := c.set_id;
        PERFORM FROM fromline.chat_set AS o WHERE o.id = was FOR UPDATE;
        SELECT * INTO c FROM fromline.chat AS o WHERE o.tenant_id = t AND o.id = c.id FOR UPDATE;
        IF c.id IS NULL OR c.set_id IS DISTINCT FROM was THEN
            PERFORM fromline.lost_race();
        END IF;
    ELSE
        SELECT * INTO s FROM fromline.chat_set AS o WHERE o.tenant_id = t AND o.key = p_person FOR UPDATE;
        IF s.id IS NULL THEN
            INSERT INTO fromline.chat_set (tenant_id, key, is_group, revision)
            VALUES (t, p_person, false, nextval('fromline.revision')) ON CONFLICT DO NOTHING RETURNING * INTO s;
            IF s.id IS NULL THEN
                PERFORM fromline.lost_race();
            END IF;
        ELSE
            SELECT * INTO c FROM fromline.chat AS o WHERE o.set_id = s.id AND o.line = p_line AND NOT o.line_left
            ORDER BY o.active_at DESC, o.created_at DESC, o.id LIMIT 1;
        END IF;
    END IF;
    IF c.id IS NULL THEN
        INSERT INTO fromline.chat (tenant_id, id, set_id, line, created_at, active_at, service, named, line_left, roster)
        VALUES (t, p_chat, s.id, p_line, p_at, p_at, p_service, false, false, p_roster) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            PERFORM fromline.lost_race();
        END IF;
        PERFORM fromline.move_revision(s.id);
        chat := p_chat;
        counts := true;
    ELSE
        chat := c.id;
        IF c.line <> p_line THEN
            heard := 3;
            RETURN;
        ELSIF c.line_left THEN
            heard := 4;
            RETURN;
        END IF;
        counts := p_at > c.active_at;
        IF c.service = 0 AND p_service <> 0 THEN
            news := true;
            UPDATE fromline.chat AS o SET service = p_service WHERE o.tenant_id = t AND o.id = c.id;
        END IF;
        IF counts AND fromline.touch(c, p_at) THEN
            PERFORM fromline.move_revision(c.set_id);
        END IF;
    END IF;
    IF p_note IS NOT NULL AND (n.subject IS NULL AND chat <> p_chat OR n.subject <> chat) THEN
        PERFORM fromline.put_note(t, p_note, chat, false, coalesce(n.body, ''), coalesce(n.names, ''));
    END IF;
    heard := CASE WHEN news OR counts THEN 1 ELSE 2 END;
END $$;

-- drop_notes removes notes that are of those chats or messages.
CREATE FUNCTION fromline.drop_notes(t bigint, p_of uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    WITH gone AS (DELETE FROM fromline.note AS n WHERE n.tenant_id = t AND n.subject = ANY (p_of) RETURNING n.name)
    DELETE FROM fromline.note_person AS p USING gone WHERE p.tenant_id = t AND p.name = gone.name;
END $$;

-- forget_notes removes the notes that name a person.
CREATE FUNCTION fromline.forget_notes(p_tenant bytea, p_person bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    WITH gone AS (
        DELETE FROM fromline.note AS n USING fromline.note_person AS p
        WHERE p.tenant_id = t AND p.person = p_person AND n.tenant_id = t AND n.name = p.name RETURNING n.name)
    DELETE FROM fromline.note_person AS p USING gone WHERE p.tenant_id = t AND p.name = gone.name;
END $$;

-- purge as in 0004_records.sql; the notes of the messages go too.
CREATE OR REPLACE FUNCTION fromline.purge(p_before bigint, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
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
    ), notes AS (
        DELETE FROM fromline.note AS n USING doomed AS d
        WHERE n.tenant_id = d.tenant_id AND n.subject = d.message_id AND n.of_message
    )
    DELETE FROM fromline.record AS r
    USING doomed AS d
    WHERE r.tenant_id = d.tenant_id AND r.message_id = d.message_id;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;

-- forget as in 0014_forget.sql; the notes go too.
CREATE OR REPLACE FUNCTION fromline.forget(p_tenant bytea, p_person bytea, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
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
    PERFORM fromline.drop_notes(
        t, chats || ARRAY(SELECT message_id FROM fromline.record WHERE tenant_id = t AND chat_id = ANY (chats)));
    DELETE FROM fromline.record WHERE tenant_id = t AND chat_id = ANY (chats);
    DELETE FROM fromline.participant WHERE tenant_id = t AND chat_id = ANY (chats);
    DELETE FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats);
    DELETE FROM fromline.chat_set AS s
    WHERE s.id = ANY (sets) AND NOT EXISTS (SELECT FROM fromline.chat AS c WHERE c.set_id = s.id);
    UPDATE fromline.chat_set SET revision = nextval('fromline.revision') WHERE id = ANY (moved);
    RETURN cardinality(chats);
END $$;

ALTER FUNCTION fromline.forget SET enable_seqscan = off;
ALTER FUNCTION fromline.purge SET enable_seqscan = off;
ALTER FUNCTION fromline.put_note SET enable_seqscan = off;
ALTER FUNCTION fromline.keep_note SET enable_seqscan = off;
ALTER FUNCTION fromline.hear SET enable_seqscan = off;
ALTER FUNCTION fromline.drop_notes SET enable_seqscan = off;
ALTER FUNCTION fromline.forget_notes SET enable_seqscan = off;
