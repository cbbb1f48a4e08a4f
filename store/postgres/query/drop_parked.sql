SELECT fromline.drop_parked($1::bytea, $2::uuid)
