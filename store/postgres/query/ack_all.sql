SELECT fromline.ack_all($1::bytea[], $2::uuid[], $3::uuid[])
