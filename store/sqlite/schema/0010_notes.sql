-- Small things that are kept beside chats and messages, found by name.
CREATE TABLE note (
    tenant_id  INTEGER NOT NULL,
    name       BLOB    NOT NULL,
    subject    BLOB    NOT NULL, -- a chat, which need not be known, or a message
    of_message INTEGER NOT NULL,
    body       BLOB    NOT NULL,
    names      BLOB    NOT NULL, -- of the persons that it names, one after the other
    PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX note_by_subject ON note (tenant_id, subject);

-- The persons that notes name: see the table participant.
CREATE TABLE note_person (
    tenant_id INTEGER NOT NULL,
    person    BLOB    NOT NULL,
    name      BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, person, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX note_person_by_note ON note_person (tenant_id, name);

CREATE TRIGGER note_goes AFTER DELETE ON note
BEGIN
    DELETE FROM note_person WHERE tenant_id = OLD.tenant_id AND name = OLD.name;
END;
