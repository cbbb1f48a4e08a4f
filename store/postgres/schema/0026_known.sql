-- known_lines returns the chats that some handles have on lines, by the names of
-- the handles: which of them, counted from one, the chat, and of a group its roster,
-- which tells whether the handle still takes part. Of the groups of each handle it
-- looks at so many, those of the greatest ids.
CREATE FUNCTION fromline.known_lines(p_tenant bytea, p_people bytea[], p_limit int)
RETURNS TABLE (place int, chat_id uuid, line bigint, active_at bigint, roster bytea)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    FOR place IN 1 .. coalesce(cardinality(p_people), 0) LOOP
        RETURN QUERY
        SELECT place, c.id, c.line, c.active_at, NULL::bytea
        FROM fromline.chat_set AS s JOIN fromline.chat AS c ON c.set_id = s.id
        WHERE s.tenant_id = t AND s.key = p_people[place] AND NOT c.line_left;
        RETURN QUERY
        SELECT place, c.id, c.line, c.active_at, c.roster
        FROM (
            SELECT p.chat_id FROM fromline.participant AS p
            WHERE p.tenant_id = t AND p.person = p_people[place]
            ORDER BY p.chat_id DESC LIMIT p_limit) AS mine
        JOIN fromline.chat AS c ON c.tenant_id = t AND c.id = mine.chat_id
        WHERE NOT c.line_left;
    END LOOP;
END $$;

ALTER FUNCTION fromline.known_lines SET enable_seqscan = off;
