-- chats_of_person returns a page of the chats in which a person takes part or took
-- part, ordered by id.
CREATE FUNCTION fromline.chats_of_person(p_tenant bytea, p_person bytea, p_after uuid, p_limit int) RETURNS SETOF fromline.chat
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    RETURN QUERY SELECT * FROM fromline.chats_by_id(p_tenant, ARRAY(
        SELECT f.id FROM (
            SELECT c.id FROM fromline.chat_set AS s JOIN fromline.chat AS c ON c.set_id = s.id
            WHERE s.tenant_id = t AND s.key = p_person
            UNION
            SELECT p.chat_id FROM fromline.participant AS p WHERE p.tenant_id = t AND p.person = p_person) AS f (id)
        WHERE f.id > p_after
        ORDER BY f.id
        LIMIT p_limit));
END $$;
