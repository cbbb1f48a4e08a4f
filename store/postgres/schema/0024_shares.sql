-- claim as in 0023_reroute.sql, but that it leaves out the tenants named.
DROP FUNCTION fromline.claim(bigint, int);
CREATE FUNCTION fromline.claim(p_lease bigint, p_limit int, p_except bytea[] DEFAULT '{}')
RETURNS TABLE (tenant bytea, chat_id uuid, message_id uuid, token uuid, decided_at bigint, attempts int, body bytea, unsettled boolean, leaves boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    now  bigint := fromline.clock();
    head fromline.delivery;
    q    fromline.queue;
    left_out bigint[] := ARRAY(SELECT i FROM (SELECT fromline.tenant_id(n) AS i FROM unnest(p_except) AS n) AS named WHERE i IS NOT NULL);
BEGIN
    FOR q IN
        SELECT * FROM fromline.queue WHERE due <= now AND tenant_id <> ALL(left_out) ORDER BY due LIMIT p_limit FOR UPDATE SKIP LOCKED
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

ALTER FUNCTION fromline.claim SET enable_seqscan = off;
