-- What was learned about a line are three facts, each with its own time: status,
-- reputation and ownership. A value of 0 was never said, and its time is 0.
ALTER TABLE fromline.line_state
    ADD COLUMN status_at     bigint   NOT NULL DEFAULT 0,
    ADD COLUMN reputation_at bigint   NOT NULL DEFAULT 0,
    ADD COLUMN ownership     smallint NOT NULL DEFAULT 0,
    ADD COLUMN ownership_at  bigint   NOT NULL DEFAULT 0;

UPDATE fromline.line_state SET
    status_at     = CASE WHEN status = 0 THEN 0 ELSE changed_at END,
    reputation_at = CASE WHEN reputation = 0 THEN 0 ELSE changed_at END;

ALTER TABLE fromline.line_state DROP COLUMN changed_at;

DROP FUNCTION fromline.report_line(bytea, bigint, smallint, smallint, bigint);

-- report_line merges what is said of a line into what is kept: of each fact the
-- later one holds, at the same time the greater value, which is the worse one. It
-- returns the state that is kept now, and whether a value changed. With p_flag, it
-- sets the status to FLAGGED (2) at p_status_at, or a microsecond after the kept
-- time if that is later. It takes the change number first: line events are rare,
-- so that they may queue on the counter, and the number follows the order of
-- commits.
CREATE FUNCTION fromline.report_line(
    p_tenant bytea, p_number bigint,
    p_status smallint, p_status_at bigint, p_reputation smallint, p_reputation_at bigint,
    p_ownership smallint, p_ownership_at bigint, p_flag boolean,
    OUT applied boolean, OUT o_status smallint, OUT o_status_at bigint, OUT o_reputation smallint, OUT o_reputation_at bigint,
    OUT o_ownership smallint, OUT o_ownership_at bigint, OUT o_change bigint)
LANGUAGE plpgsql AS $$
DECLARE
    t    bigint;
    kept fromline.line_state;
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
    applied := (o_status, o_reputation, o_ownership)
        IS DISTINCT FROM (coalesce(kept.status, 0), coalesce(kept.reputation, 0), coalesce(kept.ownership, 0));
    IF NOT applied AND (o_status_at, o_reputation_at, o_ownership_at)
        IS NOT DISTINCT FROM (coalesce(kept.status_at, 0), coalesce(kept.reputation_at, 0), coalesce(kept.ownership_at, 0)) THEN
        RETURN;
    END IF;
    UPDATE fromline.counter SET value = value + 1 WHERE name = 'line_state' RETURNING value INTO o_change;
    INSERT INTO fromline.line_state AS s
        (tenant_id, number, status, status_at, reputation, reputation_at, ownership, ownership_at, change)
    VALUES (t, p_number, o_status, o_status_at, o_reputation, o_reputation_at, o_ownership, o_ownership_at, o_change)
    ON CONFLICT (tenant_id, number) DO UPDATE SET
        status = excluded.status, status_at = excluded.status_at,
        reputation = excluded.reputation, reputation_at = excluded.reputation_at,
        ownership = excluded.ownership, ownership_at = excluded.ownership_at, change = excluded.change;
END $$;
