SELECT fromline.count_messages($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[])
