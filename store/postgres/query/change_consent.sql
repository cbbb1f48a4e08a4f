SELECT ((c.done).kept).person, ((c.done).kept).handle, ((c.done).kept).opted_out, ((c.done).kept).opted_at,
    ((c.done).kept).blocked, ((c.done).kept).blocked_at, ((c.done).kept).reason, ((c.done).kept).allowed, (c.done).applied
FROM (
    SELECT fromline.change_consent($1::bytea, $2::bytea, $3::text, $4::text, $5::boolean, $6::bigint, $7::bytea) AS done
    FROM (SELECT fromline.clock() AS now OFFSET 0) AS t
    WHERE $8::bigint <= t.now
    OFFSET 0) AS c
