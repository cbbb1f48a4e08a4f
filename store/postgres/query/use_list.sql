SELECT fromline.use_list($1, $2)
