SELECT (c.done).outcome, (c.done).free_at
FROM (
    SELECT fromline.reroute(
        $22::uuid,
        $1::bytea, $2::bytea, $3::bigint, $4::boolean, $5::uuid, $6::bigint, $7::uuid,
        $8::bigint, $9::bigint, $10::bigint, $11::bytea, $12::bytea,
        $13::uuid, $14::bytea, $15::bigint, $16::bytea, $17::bytea,
        $18::bigint, $19::bigint, $20::bigint, $21::bigint) AS done
    FROM (SELECT fromline.clock() AS now OFFSET 0) AS t
    WHERE $23::bigint = 0 OR abs($9::bigint - t.now) <= $23::bigint
    OFFSET 0) AS c
