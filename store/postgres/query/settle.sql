SELECT fromline.settle($1::bytea, $2::uuid, $3::uuid, $4::text, $5::bigint, $6::int, $7::int)
