-- Tenants of which a list of changes is kept, for a process that carries them to
-- another store meanwhile. used_at is when that process last named the list, by
-- the clock of the server.
CREATE TABLE fromline.change_list (
    tenant_id bigint PRIMARY KEY,
    list      uuid   NOT NULL,
    used_at   bigint NOT NULL
);

-- What changed: kind is as package store numbers the kinds of things, name what
-- names one.
CREATE TABLE fromline.change (
    tenant_id bigint   NOT NULL,
    number    bigint   GENERATED ALWAYS AS IDENTITY,
    kind      smallint NOT NULL,
    name      bytea    NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

-- list_change adds a change to the list of its tenant, if there is one. It looks
-- at what is committed then, and not when the statement began: so what a
-- transaction changes after a list began is listed.
CREATE FUNCTION fromline.list_change(p_tenant_id bigint, p_kind int, p_name bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fromline.change_list WHERE tenant_id = p_tenant_id) THEN
        INSERT INTO fromline.change (tenant_id, kind, name) VALUES (p_tenant_id, p_kind, p_name);
    END IF;
END $$;

CREATE FUNCTION fromline.chat_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fromline.list_change(coalesce(NEW.tenant_id, OLD.tenant_id), 1, uuid_send(coalesce(NEW.id, OLD.id)));
    RETURN NULL;
END $$;

CREATE FUNCTION fromline.participant_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fromline.list_change(coalesce(NEW.tenant_id, OLD.tenant_id), 1, uuid_send(coalesce(NEW.chat_id, OLD.chat_id)));
    RETURN NULL;
END $$;

CREATE FUNCTION fromline.record_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fromline.list_change(coalesce(NEW.tenant_id, OLD.tenant_id), 2, uuid_send(coalesce(NEW.message_id, OLD.message_id)));
    RETURN NULL;
END $$;

-- A delivery that is rerouted leaves the deliveries of one chat for those of
-- another.
CREATE FUNCTION fromline.delivery_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fromline.list_change(coalesce(NEW.tenant_id, OLD.tenant_id), 3, uuid_send(coalesce(NEW.chat_id, OLD.chat_id)));
    IF OLD.chat_id <> NEW.chat_id THEN
        PERFORM fromline.list_change(OLD.tenant_id, 3, uuid_send(OLD.chat_id));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION fromline.consent_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fromline.list_change(coalesce(NEW.tenant_id, OLD.tenant_id), 4, coalesce(NEW.person, OLD.person));
    RETURN NULL;
END $$;

CREATE FUNCTION fromline.note_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM fromline.list_change(coalesce(NEW.tenant_id, OLD.tenant_id), 5, coalesce(NEW.name, OLD.name));
    RETURN NULL;
END $$;

CREATE TRIGGER chat_changes AFTER INSERT OR UPDATE OR DELETE ON fromline.chat FOR EACH ROW EXECUTE FUNCTION fromline.chat_changes();
CREATE TRIGGER participant_changes AFTER INSERT OR UPDATE OR DELETE ON fromline.participant FOR EACH ROW EXECUTE FUNCTION fromline.participant_changes();
CREATE TRIGGER record_changes AFTER INSERT OR UPDATE OR DELETE ON fromline.record FOR EACH ROW EXECUTE FUNCTION fromline.record_changes();
CREATE TRIGGER delivery_changes AFTER INSERT OR UPDATE OR DELETE ON fromline.delivery FOR EACH ROW EXECUTE FUNCTION fromline.delivery_changes();
CREATE TRIGGER consent_changes AFTER INSERT OR UPDATE OR DELETE ON fromline.consent FOR EACH ROW EXECUTE FUNCTION fromline.consent_changes();
CREATE TRIGGER note_changes AFTER INSERT OR UPDATE OR DELETE ON fromline.note FOR EACH ROW EXECUTE FUNCTION fromline.note_changes();

-- begin_list begins a list of changes; the list that there was before has ended.
CREATE FUNCTION fromline.begin_list(p_tenant bytea, p_list uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.need_tenant(p_tenant);
BEGIN
    INSERT INTO fromline.change_list (tenant_id, list, used_at) VALUES (t, p_list, fromline.clock())
    ON CONFLICT (tenant_id) DO UPDATE SET list = p_list, used_at = fromline.clock();
END $$;

-- end_list ends the list of changes of a tenant, and removes at most p_limit of
-- what it held; it returns how many it removed.
CREATE FUNCTION fromline.end_list(p_tenant bytea, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
    removed int;
BEGIN
    DELETE FROM fromline.change_list WHERE tenant_id = t;
    DELETE FROM fromline.change WHERE tenant_id = t AND number IN (
        SELECT number FROM fromline.change WHERE tenant_id = t ORDER BY number LIMIT p_limit);
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;

-- use_list returns the tenant of a list of changes, which it keeps from ending,
-- and NULL if there is no such list.
CREATE FUNCTION fromline.use_list(p_tenant bytea, p_list uuid) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    UPDATE fromline.change_list SET used_at = fromline.clock() WHERE tenant_id = t AND list = p_list;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN t;
END $$;

ALTER FUNCTION fromline.begin_list SET enable_seqscan = off;
ALTER FUNCTION fromline.end_list SET enable_seqscan = off;
ALTER FUNCTION fromline.use_list SET enable_seqscan = off;
