SELECT (c.done).ended, (c.done).reason, (c.done).lines
FROM (
    SELECT fromline.apply_events(
        $1::bytea, $2::text[], $3::uuid[], $4::bigint[], $5::bytea[], $6::boolean[], $7::bytea[], $8::bytea[], $9::bytea[],
        $10::smallint[], $11::boolean[], $12::bigint[], $13::bigint[]) AS done
    FROM (SELECT fromline.clock() AS now OFFSET 0) AS t
    WHERE $14::bigint <= t.now
    OFFSET 0) AS c
