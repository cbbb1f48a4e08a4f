WITH added AS (
    INSERT INTO fromline.delivery (tenant_id, chat_id, message_id, decided_at, due, attempts, parked, body, why, leaves)
    SELECT u.tenant_id, u.chat_id, u.message_id, u.decided_at, u.due, u.attempts, u.parked, u.body, u.why, u.leaves
    FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[], $6::int[], $7::boolean[], $8::bytea[],
        $9::smallint[], $10::boolean[]) WITH ORDINALITY
        AS u (tenant_id, chat_id, message_id, decided_at, due, attempts, parked, body, why, leaves, place)
    ORDER BY u.place
    ON CONFLICT DO NOTHING RETURNING tenant_id, chat_id, seq, parked, due
), queued AS (
    INSERT INTO fromline.queue AS q (tenant_id, chat_id, waiting, due)
    SELECT tenant_id, chat_id, count(*), (array_agg(due ORDER BY seq))[1] FROM added WHERE NOT parked
    GROUP BY tenant_id, chat_id ORDER BY tenant_id, chat_id
    ON CONFLICT (tenant_id, chat_id) DO UPDATE SET waiting = q.waiting + excluded.waiting
)
SELECT count(*) FROM added
