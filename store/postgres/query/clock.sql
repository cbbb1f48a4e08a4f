SELECT fromline.clock()
