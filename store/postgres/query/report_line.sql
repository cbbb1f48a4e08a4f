SELECT (c.done).applied, (c.done).o_status, (c.done).o_status_at, (c.done).o_reputation, (c.done).o_reputation_at,
    (c.done).o_ownership, (c.done).o_ownership_at, 
    (c.done).o_flagged_at, (c.done).o_recovered_at, (c.done).o_change
FROM (
    SELECT fromline.report_line($1::bytea, $2::bigint, $3::smallint, $4::bigint, $5::smallint, $6::bigint, $7::smallint, $8::bigint,
        $9::bigint, $10::bigint, $11::boolean) AS done
    FROM (SELECT fromline.clock() AS now OFFSET 0) AS t
    WHERE $12::bigint <= t.now
    OFFSET 0) AS c
