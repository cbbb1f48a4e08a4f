-- Chats of a tenant, with all that belongs to them, and their sets that no other
-- chat is in. The server looks the elements of an array up in an index, whatever
-- it knows of the table.
WITH page AS MATERIALIZED (
    SELECT ctid AS place, id, set_id, past_sets FROM fromline.chat WHERE tenant_id = $1 LIMIT 1000
), queues AS (
    DELETE FROM fromline.queue WHERE tenant_id = $1 AND chat_id = ANY (ARRAY(SELECT id FROM page))
), deliveries AS (
    DELETE FROM fromline.delivery WHERE tenant_id = $1 AND chat_id = ANY (ARRAY(SELECT id FROM page))
), records AS (
    DELETE FROM fromline.record WHERE tenant_id = $1 AND chat_id = ANY (ARRAY(SELECT id FROM page))
), people AS (
    DELETE FROM fromline.participant WHERE tenant_id = $1 AND chat_id = ANY (ARRAY(SELECT id FROM page))
), sets AS (
    DELETE FROM fromline.chat_set AS s
    WHERE s.id = ANY (ARRAY(SELECT set_id FROM page UNION SELECT unnest(past_sets) FROM page))
        AND NOT EXISTS (SELECT FROM fromline.chat AS c WHERE c.set_id = s.id AND c.id NOT IN (SELECT id FROM page) OFFSET 0)
), gone AS (
    DELETE FROM fromline.chat WHERE ctid = ANY (ARRAY(SELECT place FROM page)) RETURNING 1
)
SELECT count(*) FROM gone
