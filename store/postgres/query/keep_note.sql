SELECT fromline.keep_note($1::bytea, $2::bytea, $3::uuid, $4::bytea, $5::uuid, $6::boolean, $7::bytea, $8::bytea)
