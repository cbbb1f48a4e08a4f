SELECT fromline.purge($1::bigint, $2::int)
