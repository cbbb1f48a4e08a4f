-- claim leases the heads of at most p_limit chats that are due. Chats that
-- somebody else has in hand are passed over. A head that was forgotten while it
-- was leased is removed instead.
CREATE FUNCTION fromline.claim(p_lease bigint, p_limit int)
RETURNS TABLE (tenant bytea, chat_id uuid, message_id uuid, token uuid, decided_at bigint, attempts int, body bytea)
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
        UPDATE fromline.delivery AS d SET attempts = head.attempts + 1
        WHERE d.tenant_id = q.tenant_id AND d.chat_id = q.chat_id AND d.seq = head.seq;
        UPDATE fromline.queue AS u SET due = now + p_lease, token = claim.token, leased = head.seq
        WHERE u.tenant_id = q.tenant_id AND u.chat_id = q.chat_id;
        RETURN NEXT;
    END LOOP;
END $$;
