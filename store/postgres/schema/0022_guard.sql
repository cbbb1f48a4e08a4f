-- What the guard of a fleet rests on. failovers are counts as opened are, of the
-- same hours; paced_at is in microseconds since 1970, 0 where no opening was
-- paced. flagged_at is when a line was last flagged, and recovered_at when it was
-- active again after that, 0 for never. A commit locks the row of its line
-- anyway: so none of it takes another lock, row or write.
ALTER TABLE fromline.line
    ADD COLUMN failovers bigint[] NOT NULL DEFAULT fromline.no_counts(),
    ADD COLUMN paced_at  bigint   NOT NULL DEFAULT 0;

ALTER TABLE fromline.line_state
    ADD COLUMN flagged_at   bigint NOT NULL DEFAULT 0,
    ADD COLUMN recovered_at bigint NOT NULL DEFAULT 0;

UPDATE fromline.line_state SET flagged_at = status_at WHERE status = 2;

-- enqueue adds a delivery that is due at p_due, or at once where that is 0. Where
-- there is a p_token it leases the delivery under it for p_lease, and says so, if
-- it is due and nothing else waits in its chat nor in another one of its set.
DROP FUNCTION fromline.enqueue(bigint, uuid, uuid, bigint, bytea);
CREATE FUNCTION fromline.enqueue(p_tenant_id bigint, p_chat uuid, p_message uuid, p_decided_at bigint, p_due bigint, p_body bytea,
    p_set_id bigint, p_token uuid, p_lease bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    now   bigint  := fromline.clock();
    at    bigint  := CASE WHEN p_due = 0 THEN now ELSE p_due END;
    lease boolean := p_token IS NOT NULL AND at <= now;
    n     bigint;
BEGIN
    INSERT INTO fromline.delivery (tenant_id, chat_id, message_id, decided_at, due, body)
    VALUES (p_tenant_id, p_chat, p_message, p_decided_at, at, p_body)
    RETURNING seq INTO n;
    lease := lease AND NOT EXISTS (
        SELECT FROM fromline.chat AS o
        JOIN fromline.delivery AS d ON d.chat_id = o.id AND d.tenant_id = o.tenant_id AND NOT d.parked
        WHERE o.set_id = p_set_id AND o.id <> p_chat AND NOT o.line_left);
    INSERT INTO fromline.queue AS q (tenant_id, chat_id, waiting, due, token, leased)
    VALUES (p_tenant_id, p_chat, 1, CASE WHEN lease THEN now + p_lease ELSE at END, CASE WHEN lease THEN p_token END, CASE WHEN lease THEN n END)
    ON CONFLICT (tenant_id, chat_id) DO UPDATE SET waiting = q.waiting + 1
    RETURNING lease AND q.leased = n INTO lease;
    RETURN coalesce(lease, false);
END $$;

DROP FUNCTION fromline.commit_plan(bytea, bytea, bigint, boolean, uuid, bigint, uuid, bigint, bigint, bigint, bytea, bytea,
    uuid, bytea, bigint, bytea, bytea);

-- commit_plan as in 0010_commit.sql, but that it takes its turn first, makes a line
-- that is missing where it locks the others, and keeps the bounds of a guard. Its
-- answers are those of 0010_commit.sql, and
--
--    9  the line is paced until free_at
--   10  the line takes no failover until free_at
--
-- where free_at, also of answer 2, is in microseconds. The step of the pace is 0
-- for none; the opening is paced, and the delivery due, at p_not_before if that is
-- not 0. leased says whether the delivery is leased under p_token.
CREATE FUNCTION fromline.commit_plan(
    p_tenant bytea, p_set bytea, p_revision bigint, p_reuse boolean, p_chat uuid, p_line bigint, p_abandoned uuid,
    p_limit bigint, p_at bigint, p_hour bigint, p_roster bytea, p_people bytea,
    p_message uuid, p_key bytea, p_keep_until bigint, p_record bytea, p_delivery bytea,
    p_step bigint, p_burst bigint, p_failovers bigint, p_not_before bigint,
    p_token uuid DEFAULT NULL, p_lease bigint DEFAULT 0,
    OUT outcome smallint, OUT free_at bigint, OUT leased boolean)
LANGUAGE plpgsql AS $$
DECLARE
    t     bigint := fromline.tenant_id(p_tenant);
    s     fromline.chat_set;
    c     fromline.chat;
    old   fromline.chat;
    l     fromline.line;
    moved boolean := true;
    paced bigint := CASE WHEN p_not_before = 0 THEN p_at ELSE p_not_before END;
BEGIN
    PERFORM fromline.take_turns(ARRAY[p_tenant], ARRAY[p_set], ARRAY[p_key]);
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
        IF l.number IS NULL AND t IS NOT NULL THEN
            PERFORM fromline.make_lines(ARRAY[t], ARRAY[p_line]);
            SELECT * INTO l FROM fromline.line WHERE tenant_id = t AND number = p_line FOR UPDATE;
        END IF;
        l.opened := fromline.advance(coalesce(l.opened, fromline.no_counts()), p_hour - coalesce(l.hour, 0));
        l.failovers := fromline.advance(coalesce(l.failovers, fromline.no_counts()), p_hour - coalesce(l.hour, 0));
        l.paced_at := coalesce(l.paced_at, 0);
        l.hour := greatest(coalesce(l.hour, 0), p_hour);
        IF p_limit > 0 THEN
            free_at := fromline.free_hour(l.opened, l.hour, p_limit);
            IF free_at > l.hour THEN
                outcome := 2;
                free_at := free_at * 3600000000;
                RETURN;
            END IF;
        END IF;
        free_at := l.paced_at - (p_burst - 1) * p_step;
        IF p_step > 0 AND paced < free_at THEN
            outcome := 9;
            RETURN;
        END IF;
        IF p_failovers > 0 AND p_abandoned IS NOT NULL THEN
            free_at := fromline.free_hour(l.failovers, l.hour, p_failovers);
            IF free_at > l.hour THEN
                outcome := 10;
                free_at := free_at * 3600000000;
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
        IF p_abandoned IS NOT NULL THEN
            l.failovers := fromline.add_newest(l.failovers, 1);
        END IF;
        IF p_step > 0 THEN
            l.paced_at := greatest(l.paced_at, paced) + p_step;
        END IF;
        IF l.number IS NULL THEN
            PERFORM fromline.make_lines(ARRAY[t], ARRAY[p_line]); -- of a tenant that is new too
        END IF;
        UPDATE fromline.line SET hour = l.hour, opened = l.opened, failovers = l.failovers, paced_at = l.paced_at, used_at = fromline.clock(), dirty = true
        WHERE tenant_id = t AND number = p_line;
    END IF;
    IF moved THEN
        PERFORM fromline.move_revision(s.id);
    END IF;
    IF p_delivery IS NOT NULL THEN
        leased := fromline.enqueue(t, p_chat, p_message, p_at, p_not_before, p_delivery, s.id, p_token, p_lease);
    END IF;
    outcome := 0;
END $$;

DROP FUNCTION fromline.line_use(bigint, int);

-- line_use returns the use of lines that changed after a change number, in
-- order of change, everything included that was committed before the call.
CREATE FUNCTION fromline.line_use(p_after bigint, p_limit int)
RETURNS TABLE (tenant bytea, number bigint, hour bigint, opened bigint[], failovers bigint[], paced_at bigint, messages_hour bigint, messages bigint[], change bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    IF EXISTS (SELECT FROM fromline.line WHERE dirty) OR EXISTS (SELECT FROM fromline.traffic WHERE dirty) THEN
        PERFORM fromline.number_lines();
    END IF;
    RETURN QUERY
        SELECT t.name, l.number, l.hour, l.opened, l.failovers, l.paced_at, m.hour, m.messages, l.change
        FROM (SELECT * FROM fromline.line WHERE change > p_after ORDER BY change LIMIT p_limit) AS l
        JOIN fromline.tenant AS t ON t.id = l.tenant_id
        LEFT JOIN fromline.traffic AS m ON m.tenant_id = l.tenant_id AND m.number = l.number
        ORDER BY l.change;
END $$;

DROP FUNCTION fromline.report_line(bytea, bigint, smallint, bigint, smallint, bigint, smallint, bigint, boolean);

-- report_line as in 0015_line_facts.sql; it also keeps the latest time at which
-- the line was said to be FLAGGED (2), and the earliest known after that at which
-- it was said to be ACTIVE (1).
CREATE FUNCTION fromline.report_line(
    p_tenant bytea, p_number bigint,
    p_status smallint, p_status_at bigint, p_reputation smallint, p_reputation_at bigint,
    p_ownership smallint, p_ownership_at bigint, p_flagged_at bigint, p_recovered_at bigint, p_flag boolean,
    OUT applied boolean, OUT o_status smallint, OUT o_status_at bigint, OUT o_reputation smallint, OUT o_reputation_at bigint,
    OUT o_ownership smallint, OUT o_ownership_at bigint, OUT o_flagged_at bigint, OUT o_recovered_at bigint, OUT o_change bigint)
LANGUAGE plpgsql AS $$
DECLARE
    t    bigint;
    kept fromline.line_state;
    said_at bigint := p_status_at;
BEGIN
    INSERT INTO fromline.tenant (name) SELECT p_tenant WHERE fromline.tenant_id(p_tenant) IS NULL ON CONFLICT DO NOTHING;
    t := (SELECT id FROM fromline.tenant WHERE sha256(name) = sha256(p_tenant));
    PERFORM FROM fromline.counter WHERE name = 'line_state' FOR UPDATE;
    SELECT * INTO kept FROM fromline.line_state AS s WHERE s.tenant_id = t AND s.number = p_number;
    o_status := coalesce(kept.status, 0);         o_status_at := coalesce(kept.status_at, 0);
    o_reputation := coalesce(kept.reputation, 0); o_reputation_at := coalesce(kept.reputation_at, 0);
    o_ownership := coalesce(kept.ownership, 0);   o_ownership_at := coalesce(kept.ownership_at, 0);
    o_change := coalesce(kept.change, 0);
    IF p_flag THEN
        IF o_status <> p_status THEN
            o_status := p_status;
            o_status_at := CASE WHEN kept.status IS NULL OR kept.status = 0 THEN p_status_at ELSE greatest(p_status_at, o_status_at + 1) END;
        END IF;
        said_at := o_status_at;
    ELSIF p_status <> 0 AND (o_status = 0 OR (p_status_at, p_status) > (o_status_at, o_status)) THEN
        o_status := p_status;
        o_status_at := p_status_at;
    END IF;
    IF p_reputation <> 0 AND (o_reputation = 0 OR (p_reputation_at, p_reputation) > (o_reputation_at, o_reputation)) THEN
        o_reputation := p_reputation;
        o_reputation_at := p_reputation_at;
    END IF;
    IF p_ownership <> 0 AND (o_ownership = 0 OR (p_ownership_at, p_ownership) > (o_ownership_at, o_ownership)) THEN
        o_ownership := p_ownership;
        o_ownership_at := p_ownership_at;
    END IF;
    o_flagged_at := greatest(coalesce(kept.flagged_at, 0), p_flagged_at,
        CASE WHEN kept.status = 2 THEN kept.status_at ELSE 0 END, CASE WHEN p_status = 2 THEN said_at ELSE 0 END);
    o_recovered_at := coalesce((
        SELECT min(u.at) FROM (VALUES (kept.recovered_at), (p_recovered_at),
            (CASE WHEN kept.status = 1 THEN kept.status_at END), (CASE WHEN p_status = 1 THEN said_at END)) AS u (at)
        WHERE u.at > o_flagged_at AND o_flagged_at > 0), 0);
    applied := (o_status, o_reputation, o_ownership)
        IS DISTINCT FROM (coalesce(kept.status, 0), coalesce(kept.reputation, 0), coalesce(kept.ownership, 0));
    IF NOT applied AND (o_status_at, o_reputation_at, o_ownership_at, o_flagged_at, o_recovered_at)
        IS NOT DISTINCT FROM (coalesce(kept.status_at, 0), coalesce(kept.reputation_at, 0), coalesce(kept.ownership_at, 0),
            coalesce(kept.flagged_at, 0), coalesce(kept.recovered_at, 0)) THEN
        RETURN;
    END IF;
    UPDATE fromline.counter SET value = value + 1 WHERE name = 'line_state' RETURNING value INTO o_change;
    INSERT INTO fromline.line_state AS s
        (tenant_id, number, status, status_at, reputation, reputation_at, ownership, ownership_at, flagged_at, recovered_at, change)
    VALUES (t, p_number, o_status, o_status_at, o_reputation, o_reputation_at, o_ownership, o_ownership_at,
        o_flagged_at, o_recovered_at, o_change)
    ON CONFLICT (tenant_id, number) DO UPDATE SET
        status = excluded.status, status_at = excluded.status_at,
        reputation = excluded.reputation, reputation_at = excluded.reputation_at,
        ownership = excluded.ownership, ownership_at = excluded.ownership_at,
        flagged_at = excluded.flagged_at, recovered_at = excluded.recovered_at, change = excluded.change;
END $$;

ALTER FUNCTION fromline.commit_plan SET enable_seqscan = off;
ALTER FUNCTION fromline.line_use SET enable_seqscan = off;
ALTER FUNCTION fromline.report_line SET enable_seqscan = off;
