SELECT value FROM fromline.counter WHERE name = 'line_state' FOR UPDATE
