SELECT applied, o_status, o_status_at, o_reputation, o_reputation_at, o_ownership, o_ownership_at,
    o_flagged_at, o_recovered_at, o_change
FROM fromline.report_line($1::bytea, $2::bigint, $3::smallint, $4::bigint, $5::smallint, $6::bigint, $7::smallint, $8::bigint,
    $9::bigint, $10::bigint, $11::boolean)
