-- claim leases the heads of at most p_limit chats that are due. Chats that
-- somebody else has in hand are passed over. A head that was forgotten while it
-- was leased is removed instead. It counts no
-- attempt, and says which attempt the lease is for, and whether the lease before
-- it ran out.
DROP FUNCTION fromline.claim(bigint, int);
CREATE FUNCTION fromline.claim(p_lease bigint, p_limit int)
RETURNS TABLE (tenant bytea, chat_id uuid, message_id uuid, token uuid, decided_at bigint, attempts int, body bytea, unsettled boolean)
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
        tenant := (SELECT name FROM fromline.tenant WHERE id = q.tenant_id);
        chat_id := q.chat_id;
        message_id := head.message_id;
        token := gen_random_uuid();
        decided_at := head.decided_at;
        attempts := head.attempts + 1;
        body := head.body;
        unsettled := q.token IS NOT NULL AND q.leased = head.seq;
        UPDATE fromline.queue AS u SET due = now + p_lease, token = claim.token, leased = head.seq
        WHERE u.tenant_id = q.tenant_id AND u.chat_id = q.chat_id;
        RETURN NEXT;
    END LOOP;
END $$;

-- settle does something with a delivery that is leased under p_token, or
-- returns false: renew the lease for p_wait microseconds, ack it, give it back
-- to be due again after p_wait, or park it; try, retry and park keep how often it
-- was tried. A process of the release before says no number: one more then.
DROP FUNCTION fromline.settle(bytea, uuid, uuid, text, bigint);
CREATE FUNCTION fromline.settle(p_tenant bytea, p_message uuid, p_token uuid, p_action text, p_wait bigint, p_attempts int DEFAULT NULL) RETURNS boolean
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
        UPDATE fromline.delivery SET parked = true, attempts = coalesce(p_attempts, attempts + 1)
        WHERE tenant_id = q.tenant_id AND chat_id = q.chat_id AND seq = q.leased;
        PERFORM fromline.requeue(q.tenant_id, q.chat_id, 1);
    ELSE
        UPDATE fromline.delivery SET due = now + p_wait, attempts = coalesce(p_attempts, attempts + 1)
        WHERE tenant_id = q.tenant_id AND chat_id = q.chat_id AND seq = q.leased;
        PERFORM fromline.requeue(q.tenant_id, q.chat_id, 0);
    END IF;
    RETURN true;
END $$;
