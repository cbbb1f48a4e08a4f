SELECT fromline.move_chat($1::bytea, $2::uuid, $3::bytea, $4::bytea, $5::boolean, $6::bytea, $7::bytea)
