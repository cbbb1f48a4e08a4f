SELECT id FROM fromline.tenant WHERE sha256(name) = sha256($1)
