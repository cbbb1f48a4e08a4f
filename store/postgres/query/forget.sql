SELECT fromline.forget($1::bytea, $2::bytea, $3::int)
