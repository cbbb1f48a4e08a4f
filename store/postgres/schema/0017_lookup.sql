-- lookup says nothing of the use of lines any more: it is followed by its change
-- numbers.
DROP FUNCTION fromline.lookup(bytea, bytea, boolean, int, bytea, uuid, bigint[]);

-- lookup returns what is known about one set of people, as of the moment at
-- which the statement that calls it began. The first row holds the revision and
-- the record, if there is one. Then come the chats, each in a row of its own. A
-- tenant that is not known has no rows.
CREATE FUNCTION fromline.lookup(
    p_tenant bytea, p_set bytea, p_skip_named boolean, p_limit int, p_key bytea, p_message uuid)
RETURNS TABLE (
    revision bigint, message_id uuid, record_key bytea, keep_until bigint, record bytea,
    chat_id uuid, line bigint, created_at bigint, active_at bigint, succeeded_at bigint, successor uuid,
    service smallint, named boolean, roster bytea)
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
    RETURN NEXT;
    RETURN QUERY
        SELECT NULL::bigint, NULL::uuid, NULL::bytea, NULL::bigint, NULL::bytea,
            c.id, c.line, c.created_at, c.active_at, c.succeeded_at, c.successor, c.service, c.named, c.roster
        FROM fromline.chat AS c
        WHERE c.set_id = s.id AND NOT c.line_left AND NOT (p_skip_named AND s.is_group AND c.named)
        ORDER BY c.active_at DESC, c.created_at DESC, c.id
        LIMIT p_limit;
END $$;

ALTER FUNCTION fromline.lookup SET enable_seqscan = off;
