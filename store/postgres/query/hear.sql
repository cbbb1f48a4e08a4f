SELECT chat, heard, counts
FROM fromline.hear(
    $1::bytea, $2::bytea, $3::text, $4::bigint, $5::uuid, $6::bytea, $7::bigint, $8::smallint, $9::boolean, $10::boolean, $11::bytea)
