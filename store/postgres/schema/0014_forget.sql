-- forget removes at most p_limit of the chats in which a person takes part or
-- took part, with their records and deliveries, and returns how many there
-- were. A delivery that is leased goes when its lease ends.
CREATE FUNCTION fromline.forget(p_tenant bytea, p_person bytea, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    now   bigint := fromline.clock();
    t     bigint := fromline.tenant_id(p_tenant);
    chats uuid[];
    sets  bigint[];
    moved bigint[];
    q     fromline.queue;
BEGIN
    SELECT array_agg(f.id), array_agg(DISTINCT f.set_id) INTO chats, sets FROM (
        SELECT c.id, c.set_id FROM fromline.chat_set AS s JOIN fromline.chat AS c ON c.set_id = s.id
        WHERE s.tenant_id = t AND s.key = p_person
        UNION
        SELECT c.id, c.set_id FROM fromline.participant AS p JOIN fromline.chat AS c ON c.tenant_id = t AND c.id = p.chat_id
        WHERE p.tenant_id = t AND p.person = p_person
        LIMIT p_limit) AS f;
    IF chats IS NULL THEN
        RETURN 0;
    END IF;
    sets := sets || ARRAY(SELECT unnest(past_sets) FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats));
    sets := ARRAY(SELECT id FROM fromline.chat_set WHERE id = ANY (sets) ORDER BY id FOR UPDATE);
    PERFORM FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats) ORDER BY id FOR UPDATE;
    IF EXISTS (SELECT FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats) AND set_id IS NOT NULL AND set_id <> ALL (sets)) THEN
        PERFORM fromline.lost_race(); -- one moved while we waited
    END IF;
    moved := ARRAY(SELECT set_id FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats) AND NOT line_left);

    FOR q IN SELECT * FROM fromline.queue WHERE tenant_id = t AND chat_id = ANY (chats) ORDER BY chat_id FOR UPDATE LOOP
        IF q.token IS NOT NULL AND q.due > now THEN
            UPDATE fromline.queue SET waiting = 1 WHERE tenant_id = t AND chat_id = q.chat_id;
            UPDATE fromline.delivery SET forgotten = true WHERE tenant_id = t AND chat_id = q.chat_id AND seq = q.leased;
        ELSE
            DELETE FROM fromline.queue WHERE tenant_id = t AND chat_id = q.chat_id;
        END IF;
    END LOOP;
    DELETE FROM fromline.delivery WHERE tenant_id = t AND chat_id = ANY (chats) AND NOT forgotten;
    DELETE FROM fromline.record WHERE tenant_id = t AND chat_id = ANY (chats);
    DELETE FROM fromline.participant WHERE tenant_id = t AND chat_id = ANY (chats);
    DELETE FROM fromline.chat WHERE tenant_id = t AND id = ANY (chats);
    DELETE FROM fromline.chat_set AS s
    WHERE s.id = ANY (sets) AND NOT EXISTS (SELECT FROM fromline.chat AS c WHERE c.set_id = s.id);
    UPDATE fromline.chat_set SET revision = nextval('fromline.revision') WHERE id = ANY (moved);
    RETURN cardinality(chats);
END $$;
