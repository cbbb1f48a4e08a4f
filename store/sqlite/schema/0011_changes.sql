-- Tenants of which a list of changes is kept, for a process that carries them to
-- another store meanwhile, and what changed. used_at is when that process last
-- named the list, in microseconds since 1970.
CREATE TABLE change_list (
    tenant_id INTEGER PRIMARY KEY,
    list      BLOB    NOT NULL,
    used_at   INTEGER NOT NULL
) STRICT;

-- kind is as package store numbers the kinds of things, name what names one.
CREATE TABLE change (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    name      BLOB    NOT NULL
) STRICT;

CREATE INDEX change_by_tenant ON change (tenant_id, number);

CREATE TRIGGER chat_added AFTER INSERT ON chat WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 1, NEW.id); END;
CREATE TRIGGER chat_changed AFTER UPDATE ON chat WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 1, NEW.id); END;
CREATE TRIGGER chat_removed AFTER DELETE ON chat WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = OLD.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (OLD.tenant_id, 1, OLD.id); END;

CREATE TRIGGER participant_added AFTER INSERT ON participant WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 1, NEW.chat_id); END;
CREATE TRIGGER participant_removed AFTER DELETE ON participant WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = OLD.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (OLD.tenant_id, 1, OLD.chat_id); END;

CREATE TRIGGER record_added AFTER INSERT ON record WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 2, NEW.message_id); END;
CREATE TRIGGER record_changed AFTER UPDATE ON record WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 2, NEW.message_id); END;
CREATE TRIGGER record_removed AFTER DELETE ON record WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = OLD.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (OLD.tenant_id, 2, OLD.message_id); END;

CREATE TRIGGER delivery_added AFTER INSERT ON delivery WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 3, NEW.chat_id); END;
CREATE TRIGGER delivery_changed AFTER UPDATE ON delivery WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (OLD.tenant_id, 3, OLD.chat_id), (NEW.tenant_id, 3, NEW.chat_id); END;
CREATE TRIGGER delivery_removed AFTER DELETE ON delivery WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = OLD.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (OLD.tenant_id, 3, OLD.chat_id); END;

CREATE TRIGGER consent_added AFTER INSERT ON consent WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 4, NEW.person); END;
CREATE TRIGGER consent_changed AFTER UPDATE ON consent WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 4, NEW.person); END;
CREATE TRIGGER consent_removed AFTER DELETE ON consent WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = OLD.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (OLD.tenant_id, 4, OLD.person); END;

CREATE TRIGGER note_added AFTER INSERT ON note WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 5, NEW.name); END;
CREATE TRIGGER note_changed AFTER UPDATE ON note WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = NEW.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (NEW.tenant_id, 5, NEW.name); END;
CREATE TRIGGER note_removed AFTER DELETE ON note WHEN EXISTS (SELECT 1 FROM change_list WHERE tenant_id = OLD.tenant_id)
BEGIN INSERT INTO change (tenant_id, kind, name) VALUES (OLD.tenant_id, 5, OLD.name); END;
