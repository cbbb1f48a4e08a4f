SELECT fromline.forget_consent($1::bytea, $2::bytea)
