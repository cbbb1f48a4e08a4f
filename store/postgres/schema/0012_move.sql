-- move_chat gives a chat other participants, and with them another set, or none
-- when p_set is NULL: nobody is left, or our line is not. It returns false when the chat is not as the caller read
-- it, who then reads it again. p_people are all who take part or took part until
-- now, as far as they may not be noted yet.
CREATE FUNCTION fromline.move_chat(
    p_tenant bytea, p_chat uuid, p_old_roster bytea, p_set bytea, p_is_group boolean, p_roster bytea, p_people bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    t      bigint := fromline.tenant_id(p_tenant);
    c      fromline.chat;
    s_id   bigint;
    locked bigint[];
BEGIN
    SELECT * INTO c FROM fromline.chat WHERE tenant_id = t AND id = p_chat;
    s_id := (SELECT id FROM fromline.chat_set WHERE tenant_id = t AND key = p_set);
    locked := ARRAY(SELECT id FROM fromline.chat_set WHERE id IN (c.set_id, s_id) ORDER BY id FOR UPDATE);
    IF s_id IS NOT NULL AND s_id <> ALL (locked) THEN
        PERFORM fromline.lost_race(); -- it was forgotten while we waited
    END IF;
    IF p_set IS NOT NULL AND s_id IS NULL THEN
        INSERT INTO fromline.chat_set (tenant_id, key, is_group, revision)
        VALUES (t, p_set, p_is_group, nextval('fromline.revision'))
        ON CONFLICT DO NOTHING RETURNING id INTO s_id;
        IF s_id IS NULL THEN
            PERFORM fromline.lost_race();
        END IF;
    END IF;
    UPDATE fromline.chat SET set_id = s_id, roster = p_roster, past_sets = array_append(past_sets, set_id)
    WHERE tenant_id = t AND id = p_chat AND roster = p_old_roster AND set_id IS NOT DISTINCT FROM c.set_id
    RETURNING * INTO c;
    IF NOT FOUND THEN
        -- A set made above goes with the chat that did not come to it.
        DELETE FROM fromline.chat_set AS s
        WHERE s.id = s_id AND NOT EXISTS (SELECT FROM fromline.chat AS o WHERE o.set_id = s.id);
        RETURN false;
    END IF;
    PERFORM fromline.note_people(t, p_chat, p_people);
    IF NOT c.line_left THEN
        UPDATE fromline.chat_set SET revision = nextval('fromline.revision') WHERE id = ANY (locked);
    END IF;
    RETURN true;
END $$;
