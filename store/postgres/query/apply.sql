SELECT ended, reason, lines
FROM fromline.apply_events(
    $1::bytea, $2::text[], $3::uuid[], $4::bigint[], $5::bytea[], $6::boolean[], $7::bytea[], $8::bytea[], $9::bytea[],
    $10::smallint[], $11::boolean[], $12::bigint[], $13::bigint[])
