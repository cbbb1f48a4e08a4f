-- settle does something with a delivery that is leased under p_token, or
-- returns false: renew the lease for p_wait microseconds, ack it, give it back
-- to be due again after p_wait, or park it.
CREATE FUNCTION fromline.settle(p_tenant bytea, p_message uuid, p_token uuid, p_action text, p_wait bigint) RETURNS boolean
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

-- release makes a parked delivery due again in its old place, with its attempts
-- reset, or returns false. A lease of another one of its chat goes on.
CREATE FUNCTION fromline.release(p_tenant bytea, p_message uuid) RETURNS boolean
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
