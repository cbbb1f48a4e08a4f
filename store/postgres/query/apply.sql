SELECT failed, failure, lines
FROM fromline.apply_events(
    $1::bytea, $2::text[], $3::uuid[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[],
    $8::smallint[], $9::boolean[], $10::bigint[], $11::bigint[])
