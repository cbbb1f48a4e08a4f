SELECT (c.done).chat, (c.done).heard, (c.done).counts
FROM (
    SELECT fromline.hear(
        $1::bytea, $2::bytea, $3::text, $4::bigint, $5::uuid, $6::bytea, $7::bigint, $8::smallint, $9::boolean, $10::boolean, $11::bytea) AS done
    FROM (SELECT fromline.clock() AS now OFFSET 0) AS t
    WHERE $12::bigint <= t.now
    OFFSET 0) AS c
