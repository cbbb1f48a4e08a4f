SELECT fromline.purge(least($1::bigint, fromline.clock()), $2::int)
