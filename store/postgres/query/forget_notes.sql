SELECT fromline.forget_notes($1::bytea, $2::bytea)
