-- Reads that many calls make one after the other, such as an import, as functions
-- too: so their plans do not depend on when a session made them.

-- chats_by_id returns the chats of a tenant with these ids, ordered by id.
CREATE FUNCTION fromline.chats_by_id(p_tenant bytea, p_ids uuid[]) RETURNS SETOF fromline.chat
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    RETURN QUERY
        SELECT c.* FROM unnest(p_ids) AS u (id)
        CROSS JOIN LATERAL (SELECT * FROM fromline.chat AS o WHERE o.tenant_id = t AND o.id = u.id OFFSET 0) AS c
        ORDER BY c.id;
END $$;

-- decision returns the record of a message, if there is one.
CREATE FUNCTION fromline.decision(p_tenant bytea, p_message uuid) RETURNS SETOF fromline.record
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    RETURN QUERY SELECT * FROM fromline.record AS r WHERE r.message_id = p_message AND r.tenant_id = t;
END $$;
