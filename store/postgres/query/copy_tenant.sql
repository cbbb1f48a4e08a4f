SELECT id FROM fromline.tenant WHERE name = $1
