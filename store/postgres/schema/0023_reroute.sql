-- Why a delivery is parked: 0 for one that waits, as package store numbers the
-- reasons; what an earlier release parked had used up its attempts, as far as is
-- known. A delivery that was released to leave its line says so.
ALTER TABLE fromline.delivery ADD COLUMN why smallint NOT NULL DEFAULT 0;
ALTER TABLE fromline.delivery ADD COLUMN leaves boolean NOT NULL DEFAULT false;
UPDATE fromline.delivery SET why = 1 WHERE parked;

-- claim leases the heads of at most p_limit chats that are due. Chats that
-- somebody else has in hand are passed over. A head that was forgotten while it
-- was leased is removed instead, and one that is held back by another chat is
-- looked at again later. It counts no attempt, and says which attempt the lease
-- is for, and whether the lease before it ran out.
DROP FUNCTION fromline.claim(bigint, int);
CREATE FUNCTION fromline.claim(p_lease bigint, p_limit int)
RETURNS TABLE (tenant bytea, chat_id uuid, message_id uuid, token uuid, decided_at bigint, attempts int, body bytea, unsettled boolean, leaves boolean)
LANGUAGE plpgsql AS $$
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
        IF q.leased IS DISTINCT FROM head.seq AND EXISTS (
            SELECT FROM fromline.chat AS c
            JOIN fromline.chat AS o ON o.set_id = c.set_id AND o.id <> c.id AND NOT o.line_left
            JOIN fromline.delivery AS d ON d.chat_id = o.id AND d.tenant_id = o.tenant_id AND NOT d.parked AND d.seq < head.seq
            WHERE c.tenant_id = q.tenant_id AND c.id = q.chat_id AND NOT c.line_left)
        THEN -- what waits in another chat with these people, and is older, goes first
            UPDATE fromline.queue AS u SET due = now + 200000, token = NULL, leased = NULL
            WHERE u.tenant_id = q.tenant_id AND u.chat_id = q.chat_id;
            CONTINUE;
        END IF;
        tenant := (SELECT name FROM fromline.tenant WHERE id = q.tenant_id);
        chat_id := q.chat_id;
        message_id := head.message_id;
        token := gen_random_uuid();
        decided_at := head.decided_at;
        attempts := head.attempts + 1;
        body := head.body;
        leaves := head.leaves;
        unsettled := q.token IS NOT NULL AND q.leased = head.seq;
        UPDATE fromline.queue AS u SET due = now + p_lease, token = claim.token, leased = head.seq
        WHERE u.tenant_id = q.tenant_id AND u.chat_id = q.chat_id;
        RETURN NEXT;
    END LOOP;
END $$;

-- settle as in 0018_attempts.sql, but that park keeps why.
DROP FUNCTION fromline.settle(bytea, uuid, uuid, text, bigint, int);
CREATE FUNCTION fromline.settle(p_tenant bytea, p_message uuid, p_token uuid, p_action text, p_wait bigint, p_attempts int DEFAULT NULL, p_why int DEFAULT 1) RETURNS boolean
LANGUAGE plpgsql AS $$
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
    IF p_action = 'try' THEN
        UPDATE fromline.delivery SET attempts = p_attempts
        WHERE tenant_id = q.tenant_id AND chat_id = q.chat_id AND seq = q.leased;
        RETURN true;
    END IF;
    DELETE FROM fromline.delivery AS d
    WHERE d.tenant_id = q.tenant_id AND d.chat_id = q.chat_id AND d.seq = q.leased AND (p_action = 'ack' OR d.forgotten);
    IF FOUND THEN
        PERFORM fromline.requeue(q.tenant_id, q.chat_id, 1);
    ELSIF p_action = 'park' THEN
        UPDATE fromline.delivery SET parked = true, why = p_why, leaves = false, attempts = coalesce(p_attempts, attempts + 1)
        WHERE tenant_id = q.tenant_id AND chat_id = q.chat_id AND seq = q.leased;
        PERFORM fromline.requeue(q.tenant_id, q.chat_id, 1);
    ELSE
        UPDATE fromline.delivery SET due = now + p_wait, attempts = coalesce(p_attempts, attempts + 1)
        WHERE tenant_id = q.tenant_id AND chat_id = q.chat_id AND seq = q.leased;
        PERFORM fromline.requeue(q.tenant_id, q.chat_id, 0);
    END IF;
    RETURN true;
END $$;

-- release makes a parked delivery due again in its old place, with its attempts
-- reset, or returns false. A lease of another one of its chat goes on.
DROP FUNCTION fromline.release(bytea, uuid);
CREATE FUNCTION fromline.release(p_tenant bytea, p_message uuid, p_leaves boolean DEFAULT false) RETURNS boolean
LANGUAGE plpgsql AS $$
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
    UPDATE fromline.delivery SET parked = false, why = 0, leaves = p_leaves, attempts = 0, due = now
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

-- reroute commits a plan about a message whose delivery is leased under p_token:
-- its record takes the place of the one that is kept, and its delivery moves to
-- the chat of the plan. It answers as commit_plan does, and 11 where the lease is
-- lost; every answer but 0 leaves all as it was.
CREATE FUNCTION fromline.reroute(
    p_token uuid,
    p_tenant bytea, p_set bytea, p_revision bigint, p_reuse boolean, p_chat uuid, p_line bigint, p_abandoned uuid,
    p_limit bigint, p_at bigint, p_hour bigint, p_roster bytea, p_people bytea,
    p_message uuid, p_key bytea, p_keep_until bigint, p_record bytea, p_delivery bytea,
    p_step bigint, p_burst bigint, p_failovers bigint, p_not_before bigint,
    OUT outcome smallint, OUT free_at bigint)
LANGUAGE plpgsql AS $$
DECLARE
    now bigint := fromline.clock();
    t   bigint := fromline.tenant_id(p_tenant);
    d   fromline.delivery;
    q   fromline.queue;
    o   record;
    at  bigint;
BEGIN
    BEGIN
        DELETE FROM fromline.record WHERE tenant_id = t AND message_id = p_message;
        SELECT * INTO o FROM fromline.commit_plan(
            p_tenant, p_set, p_revision, p_reuse, p_chat, p_line, p_abandoned, p_limit, p_at, p_hour, p_roster, p_people,
            p_message, p_key, p_keep_until, p_record, NULL, p_step, p_burst, p_failovers, p_not_before);
        outcome := o.outcome;
        free_at := o.free_at;
        -- The rows of queues are locked after all others, as in every commit.
        SELECT u.* INTO q
        FROM fromline.delivery AS w
        JOIN fromline.queue AS u ON u.tenant_id = w.tenant_id AND u.chat_id = w.chat_id AND u.leased = w.seq
        WHERE w.tenant_id = t AND w.message_id = p_message AND NOT w.forgotten AND u.token = p_token AND u.due > now
        FOR UPDATE OF u;
        IF NOT FOUND THEN
            outcome := 11;
        END IF;
        IF outcome <> 0 THEN
            RAISE EXCEPTION 'fromline: nothing is to be written' USING ERRCODE = 'FL002';
        END IF;
    EXCEPTION WHEN SQLSTATE 'FL002' THEN
        RETURN;
    END;
    DELETE FROM fromline.delivery AS w WHERE w.tenant_id = t AND w.chat_id = q.chat_id AND w.seq = q.leased RETURNING * INTO d;
    PERFORM fromline.requeue(t, q.chat_id, 1);
    at := CASE WHEN p_not_before = 0 THEN now ELSE p_not_before END;
    INSERT INTO fromline.delivery (tenant_id, chat_id, seq, message_id, decided_at, due, body)
    OVERRIDING SYSTEM VALUE VALUES (t, p_chat, d.seq, p_message, p_at, at, p_delivery);
    INSERT INTO fromline.queue AS u (tenant_id, chat_id, waiting, due)
    VALUES (t, p_chat, 1, at)
    ON CONFLICT (tenant_id, chat_id) DO UPDATE SET waiting = u.waiting + 1
    RETURNING u.* INTO q;
    IF q.token IS NULL OR q.due <= now THEN
        PERFORM fromline.requeue(t, p_chat, 0);
    END IF;
END $$;

-- drop_parked removes a parked delivery, or returns false.
CREATE FUNCTION fromline.drop_parked(p_tenant bytea, p_message uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    DELETE FROM fromline.delivery WHERE tenant_id = t AND message_id = p_message AND parked;
    RETURN FOUND;
END $$;

ALTER FUNCTION fromline.claim SET enable_seqscan = off;
ALTER FUNCTION fromline.settle SET enable_seqscan = off;
ALTER FUNCTION fromline.release SET enable_seqscan = off;
ALTER FUNCTION fromline.reroute SET enable_seqscan = off;
ALTER FUNCTION fromline.drop_parked SET enable_seqscan = off;
