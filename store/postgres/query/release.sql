SELECT fromline.release($1::bytea, $2::uuid, $3::boolean)
