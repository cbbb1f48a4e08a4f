-- touch makes a chat, whose set is locked, active at a time, unless it was
-- active later, and says whether another chat than before is now the most
-- recently active one of its set.
CREATE FUNCTION fromline.touch(c fromline.chat, p_at bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    rival fromline.chat;
BEGIN
    IF p_at <= c.active_at THEN
        RETURN false;
    END IF;
    UPDATE fromline.chat SET active_at = p_at WHERE tenant_id = c.tenant_id AND id = c.id;
    IF c.line_left THEN
        RETURN false;
    END IF;
    SELECT * INTO rival FROM fromline.chat AS o
    WHERE o.set_id = c.set_id AND o.id <> c.id AND NOT o.line_left
    ORDER BY o.active_at DESC, o.created_at DESC, o.id LIMIT 1;
    RETURN FOUND
        AND (rival.active_at, rival.created_at, c.id) > (c.active_at, c.created_at, rival.id)
        AND (rival.active_at, rival.created_at, c.id) < (p_at, c.created_at, rival.id);
END $$;

-- move_revision gives a locked set another revision.
CREATE FUNCTION fromline.move_revision(p_set_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE fromline.chat_set SET revision = nextval('fromline.revision') WHERE id = p_set_id;
END $$;

-- lost_race ends a transaction that found a row missing which, when it came to
-- write it, somebody else was writing too. The caller runs it again.
CREATE FUNCTION fromline.lost_race() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'fromline: lost a race, to be run again' USING ERRCODE = 'FL001';
END $$;
