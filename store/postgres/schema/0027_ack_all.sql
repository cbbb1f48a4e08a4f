-- ack_all removes the deliveries of many leases, each of which stands in the
-- arrays once, and returns the tokens of those. It passes over a chat that another
-- transaction has in hand: one that holds many rows must not wait for one more.
CREATE FUNCTION fromline.ack_all(p_tenants bytea[], p_messages uuid[], p_tokens uuid[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    now     bigint   := fromline.clock();
    ids     bigint[] := ARRAY(SELECT fromline.tenant_id(u.name) FROM unnest(p_tenants) WITH ORDINALITY AS u (name, place) ORDER BY u.place);
    tenants bigint[];
    chats   uuid[];
    seqs    bigint[];
    tokens  uuid[];
    ended   int;
BEGIN
    -- The sum keeps the index of all that is due out of it.
    SELECT array_agg(k.tenant_id), array_agg(k.chat_id), array_agg(k.leased), array_agg(k.token)
    INTO tenants, chats, seqs, tokens
    FROM (
        SELECT q.tenant_id, q.chat_id, q.leased, q.token
        FROM unnest(ids, p_messages, p_tokens) AS u (tenant_id, message_id, token)
        JOIN fromline.delivery AS d ON d.tenant_id = u.tenant_id AND d.message_id = u.message_id
        JOIN fromline.queue AS q ON q.tenant_id = d.tenant_id AND q.chat_id = d.chat_id
        WHERE q.leased = d.seq AND q.token = u.token AND q.due + 0 > now
        FOR UPDATE OF q SKIP LOCKED) AS k;
    IF tokens IS NULL THEN
        RETURN '{}';
    END IF;
    DELETE FROM fromline.delivery AS d USING unnest(tenants, chats, seqs) AS u (tenant_id, chat_id, seq)
    WHERE d.tenant_id = u.tenant_id AND d.chat_id = u.chat_id AND d.seq = u.seq;
    DELETE FROM fromline.queue AS q USING unnest(tenants, chats) AS u (tenant_id, chat_id)
    WHERE q.tenant_id = u.tenant_id AND q.chat_id = u.chat_id AND q.waiting <= 1;
    GET DIAGNOSTICS ended = ROW_COUNT;
    IF ended < cardinality(chats) THEN
        UPDATE fromline.queue AS q
        SET waiting = q.waiting - 1, token = NULL, leased = NULL, due = (
            SELECT d.due FROM fromline.delivery AS d
            WHERE d.tenant_id = q.tenant_id AND d.chat_id = q.chat_id AND NOT d.parked
            ORDER BY d.seq LIMIT 1)
        FROM unnest(tenants, chats) AS u (tenant_id, chat_id)
        WHERE q.tenant_id = u.tenant_id AND q.chat_id = u.chat_id;
    END IF;
    RETURN tokens;
END $$;

-- What joins arrays with tables finds each row by its key, whatever was known of
-- the tables when a session planned it.
ALTER FUNCTION fromline.ack_all SET enable_seqscan = off;
ALTER FUNCTION fromline.ack_all SET enable_hashjoin = off;
ALTER FUNCTION fromline.ack_all SET enable_mergejoin = off;
