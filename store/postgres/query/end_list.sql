SELECT fromline.end_list($1, $2)
