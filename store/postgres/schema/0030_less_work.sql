-- What a send asks for, with less work.

-- tenant_ids returns the numbers of tenants, in their order; NULL for one that is
-- not known.
CREATE FUNCTION fromline.tenant_ids(p_names bytea[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF p_names[1] = ALL (p_names) THEN
        RETURN array_fill(fromline.tenant_id(p_names[1]), ARRAY[cardinality(p_names)]);
    END IF;
    RETURN ARRAY(SELECT fromline.tenant_id(u.name) FROM unnest(p_names) WITH ORDINALITY AS u (name, place) ORDER BY u.place);
END $$;

-- take_turns as in 0021_group.sql; for one commit it needs no sort.
CREATE OR REPLACE FUNCTION fromline.take_turns(p_tenants bytea[], p_sets bytea[], p_keys bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    tenant bigint;
    a      bigint;
    b      bigint;
BEGIN
    IF cardinality(p_tenants) = 1 THEN
        tenant := hashtextextended(encode(p_tenants[1], 'hex'), 0);
        a := hashtextextended(encode(p_sets[1], 'hex'), tenant);
        b := hashtextextended(encode(p_keys[1], 'hex'), tenant);
        PERFORM pg_advisory_xact_lock(least(a, b));
        IF a <> b THEN
            PERFORM pg_advisory_xact_lock(greatest(a, b));
        END IF;
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(k.turn) FROM (
        SELECT DISTINCT hashtextextended(encode(v.name, 'hex'), hashtextextended(encode(u.tenant, 'hex'), 0)) AS turn
        FROM unnest(p_tenants, p_sets, p_keys) AS u (tenant, set, key)
        CROSS JOIN LATERAL (VALUES (u.set), (u.key)) AS v (name)
        WHERE v.name IS NOT NULL
        ORDER BY turn) AS k;
END $$;

-- lookup as in 0025_consents.sql; for one person what is kept needs no join, which
-- takes longer to begin with than all the rest.
CREATE OR REPLACE FUNCTION fromline.lookup(
    p_tenant bytea, p_set bytea, p_skip_named boolean, p_limit int, p_key bytea, p_message uuid, p_people bytea[] DEFAULT NULL)
RETURNS TABLE (
    revision bigint, message_id uuid, record_key bytea, keep_until bigint, record bytea,
    chat_id uuid, line bigint, created_at bigint, active_at bigint, succeeded_at bigint, successor uuid,
    service smallint, named boolean, roster bytea, standing smallint[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
    s fromline.chat_set;
    r fromline.record;
BEGIN
    IF t IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO s FROM fromline.chat_set WHERE tenant_id = t AND key = p_set;
    IF p_key IS NOT NULL THEN
        SELECT * INTO r FROM fromline.record WHERE tenant_id = t AND key = p_key;
    ELSIF p_message IS NOT NULL THEN
        SELECT * INTO r FROM fromline.record WHERE tenant_id = t AND message_id = p_message;
    END IF;
    revision := s.revision;
    message_id := r.message_id;
    record_key := r.key;
    keep_until := r.keep_until;
    record := r.body;
    chat_id := r.chat_id;
    standing := '{}';
    IF cardinality(p_people) = 1 THEN
        standing := ARRAY[coalesce((
            SELECT c.opted_out::int + 2 * c.blocked::int + 4 * c.allowed::int
            FROM fromline.consent AS c WHERE c.person = p_people[1] AND c.tenant_id = t), 0)::smallint];
    ELSIF cardinality(p_people) > 1 THEN
        standing := ARRAY(
            SELECT coalesce(k.flags, 0)::smallint FROM unnest(p_people) WITH ORDINALITY AS u (person, place)
            LEFT JOIN LATERAL (
                SELECT c.opted_out::int + 2 * c.blocked::int + 4 * c.allowed::int AS flags
                FROM fromline.consent AS c WHERE c.person = u.person AND c.tenant_id = t OFFSET 0) AS k ON true
            ORDER BY u.place);
    END IF;
    RETURN NEXT;
    RETURN QUERY
        SELECT NULL::bigint, NULL::uuid, NULL::bytea, NULL::bigint, NULL::bytea,
            c.id, c.line, c.created_at, c.active_at, c.succeeded_at, c.successor, c.service, c.named, c.roster, NULL::smallint[]
        FROM fromline.chat AS c
        WHERE c.set_id = s.id AND NOT c.line_left AND NOT (p_skip_named AND s.is_group AND c.named)
        ORDER BY c.active_at DESC, c.created_at DESC, c.id
        LIMIT p_limit;
END $$;

-- lock_plans as in 0021_group.sql, and ack_all as in 0027_ack_all.sql, which look for
-- the tenant of all once.
CREATE OR REPLACE FUNCTION fromline.lock_plans(p_tenants bytea[], p_sets bytea[], p_keys bytea[], p_lines bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := fromline.tenant_ids(p_tenants);
BEGIN
    PERFORM fromline.take_turns(p_tenants, p_sets, p_keys);
    PERFORM FROM fromline.chat_set
    WHERE id = ANY (ARRAY(
        SELECT k.id FROM unnest(ids, p_sets) AS u (tenant_id, key)
        CROSS JOIN LATERAL (SELECT o.id FROM fromline.chat_set AS o WHERE o.tenant_id = u.tenant_id AND o.key = u.key OFFSET 0) AS k))
    ORDER BY id FOR UPDATE;
    PERFORM fromline.make_lines(ids, p_lines);
    PERFORM FROM (
        SELECT o.number FROM (SELECT DISTINCT tenant_id, number FROM unnest(ids, p_lines) AS w (tenant_id, number) WHERE number <> 0) AS u
        JOIN fromline.line AS o ON o.tenant_id = u.tenant_id AND o.number = u.number
        ORDER BY o.number, o.tenant_id FOR UPDATE OF o) AS locked;
END $$;

CREATE OR REPLACE FUNCTION fromline.ack_all(p_tenants bytea[], p_messages uuid[], p_tokens uuid[]) RETURNS uuid[]
LANGUAGE plpgsql AS $$
DECLARE
    now     bigint   := fromline.clock();
    ids     bigint[] := fromline.tenant_ids(p_tenants);
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

ALTER FUNCTION fromline.lookup SET enable_seqscan = off;
ALTER FUNCTION fromline.lock_plans SET enable_seqscan = off;
ALTER FUNCTION fromline.ack_all SET enable_seqscan = off;
ALTER FUNCTION fromline.ack_all SET enable_hashjoin = off;
ALTER FUNCTION fromline.ack_all SET enable_mergejoin = off;
