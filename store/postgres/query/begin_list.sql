SELECT fromline.begin_list($1, $2)
