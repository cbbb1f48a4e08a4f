SELECT fromline.report_line($1::bytea, $2::bigint, $3::smallint, $4::smallint, $5::bigint)
