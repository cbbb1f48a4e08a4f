-- Who may be written to. A person is named by the key of the set of that person
-- alone; a handle of NULL is one that was forgotten. Times of 0 are none.
CREATE TABLE fromline.consent (
    tenant_id  bigint  NOT NULL,
    person     bytea   NOT NULL,
    handle     text,
    opted_out  boolean NOT NULL DEFAULT false,
    opted_at   bigint  NOT NULL DEFAULT 0,
    blocked    boolean NOT NULL DEFAULT false,
    blocked_at bigint  NOT NULL DEFAULT 0,
    reason     bytea   NOT NULL DEFAULT '',
    allowed    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (person, tenant_id)
);

CREATE INDEX consent_by_tenant ON fromline.consent (tenant_id, person);

-- change_consent keeps a word about a person, by the rule of store.Consent.Change,
-- and returns what is kept then. What it says is opted_out, blocked or allowed.
CREATE FUNCTION fromline.change_consent(
    p_tenant bytea, p_person bytea, p_handle text, p_what text, p_value boolean, p_at bigint, p_reason bytea,
    OUT kept fromline.consent, OUT applied boolean)
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    IF t IS NULL THEN
        INSERT INTO fromline.tenant (name) VALUES (p_tenant) ON CONFLICT DO NOTHING RETURNING id INTO t;
        IF t IS NULL THEN
            PERFORM fromline.lost_race();
        END IF;
    END IF;
    INSERT INTO fromline.consent (tenant_id, person, handle) VALUES (t, p_person, p_handle) ON CONFLICT DO NOTHING;
    SELECT * INTO kept FROM fromline.consent WHERE tenant_id = t AND person = p_person FOR UPDATE;
    IF kept.person IS NULL THEN
        PERFORM fromline.lost_race(); -- it was forgotten meanwhile
    END IF;
    kept.handle := p_handle;
    applied := CASE p_what
        WHEN 'opted_out' THEN p_at > kept.opted_at OR p_at = kept.opted_at AND p_value AND NOT kept.opted_out
        WHEN 'blocked' THEN kept.blocked <> p_value
        ELSE kept.allowed <> p_value
    END;
    IF applied THEN
        IF p_what = 'opted_out' THEN
            kept.opted_out := p_value;
            kept.opted_at := p_at;
        ELSIF p_what = 'blocked' THEN
            kept.blocked := p_value;
            kept.blocked_at := CASE WHEN p_value THEN p_at ELSE 0 END;
            kept.reason := p_reason;
        ELSE
            kept.allowed := p_value;
        END IF;
        UPDATE fromline.consent SET handle = p_handle, opted_out = kept.opted_out, opted_at = kept.opted_at,
            blocked = kept.blocked, blocked_at = kept.blocked_at, reason = kept.reason, allowed = kept.allowed
        WHERE tenant_id = t AND person = p_person;
    ELSE
        DELETE FROM fromline.consent
        WHERE tenant_id = t AND person = p_person AND NOT opted_out AND opted_at = 0 AND NOT blocked AND NOT allowed;
    END IF;
END $$;

-- forget_consent leaves of a person that must not be written to just that.
CREATE FUNCTION fromline.forget_consent(p_tenant bytea, p_person bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
BEGIN
    DELETE FROM fromline.consent WHERE tenant_id = t AND person = p_person AND NOT opted_out AND NOT blocked;
    UPDATE fromline.consent SET handle = NULL, opted_at = 0, blocked_at = 0, reason = '', allowed = false
    WHERE tenant_id = t AND person = p_person;
END $$;

DROP FUNCTION fromline.lookup(bytea, bytea, boolean, int, bytea, uuid);

-- lookup as in 0017_lookup.sql; the first row also holds what is kept of some
-- people, a number for each: 1 for opted out, 2 for blocked and 4 for allowed.
CREATE FUNCTION fromline.lookup(
    p_tenant bytea, p_set bytea, p_skip_named boolean, p_limit int, p_key bytea, p_message uuid, p_people bytea[] DEFAULT NULL)
RETURNS TABLE (
    revision bigint, message_id uuid, record_key bytea, keep_until bigint, record bytea,
    chat_id uuid, line bigint, created_at bigint, active_at bigint, succeeded_at bigint, successor uuid,
    service smallint, named boolean, roster bytea, standing smallint[])
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    t bigint := fromline.tenant_id(p_tenant);
    s fromline.chat_set;
    r fromline.record;
BEGIN
    IF t IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO s FROM fromline.chat_set WHERE tenant_id = t AND key = p_set;
    IF p_key IS NOT NULL THEN
        SELECT * INTO r FROM fromline.record WHERE tenant_id = t AND key = p_key;
    ELSIF p_message IS NOT NULL THEN
        SELECT * INTO r FROM fromline.record WHERE tenant_id = t AND message_id = p_message;
    END IF;
    revision := s.revision;
    message_id := r.message_id;
    record_key := r.key;
    keep_until := r.keep_until;
    record := r.body;
    chat_id := r.chat_id;
    standing := ARRAY(
        SELECT coalesce(k.flags, 0)::smallint FROM unnest(p_people) WITH ORDINALITY AS u (person, place)
        LEFT JOIN LATERAL (
            SELECT c.opted_out::int + 2 * c.blocked::int + 4 * c.allowed::int AS flags
            FROM fromline.consent AS c WHERE c.person = u.person AND c.tenant_id = t OFFSET 0) AS k ON true
        ORDER BY u.place);
    RETURN NEXT;
    RETURN QUERY
        SELECT NULL::bigint, NULL::uuid, NULL::bytea, NULL::bigint, NULL::bytea,
            c.id, c.line, c.created_at, c.active_at, c.succeeded_at, c.successor, c.service, c.named, c.roster, NULL::smallint[]
        FROM fromline.chat AS c
        WHERE c.set_id = s.id AND NOT c.line_left AND NOT (p_skip_named AND s.is_group AND c.named)
        ORDER BY c.active_at DESC, c.created_at DESC, c.id
        LIMIT p_limit;
END $$;

ALTER FUNCTION fromline.lookup SET enable_seqscan = off;
ALTER FUNCTION fromline.change_consent SET enable_seqscan = off;
ALTER FUNCTION fromline.forget_consent SET enable_seqscan = off;
