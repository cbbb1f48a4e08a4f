SELECT (k.kept).person, (k.kept).handle, (k.kept).opted_out, (k.kept).opted_at, (k.kept).blocked, (k.kept).blocked_at, (k.kept).reason, (k.kept).allowed,
    k.applied
FROM fromline.change_consent($1::bytea, $2::bytea, $3::text, $4::text, $5::boolean, $6::bigint, $7::bytea) AS k
