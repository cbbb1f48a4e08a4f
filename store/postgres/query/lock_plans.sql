SELECT fromline.lock_plans($1::bytea[], $2::bytea[], $3::bytea[], $4::bigint[])
