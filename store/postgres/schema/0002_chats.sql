-- Times are microseconds since 1970 UTC, here and in all other tables.

-- A row for each set of people that anybody wrote about. Whoever changes chats
-- of a set locks its row first, so that "no chat matches" is something that can
-- be locked too. The revision is drawn from a sequence, so that a set that was
-- forgotten and met again is never taken for what it was.
CREATE TABLE fromline.chat_set (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id bigint  NOT NULL,
    key       bytea   NOT NULL, -- recipients.Key
    is_group  boolean NOT NULL, -- more than one person
    revision  bigint  NOT NULL,
    UNIQUE (tenant_id, key)
) WITH (fillfactor = 90);

CREATE SEQUENCE fromline.revision CACHE 32;

-- active_at is in no index, so that a touch stays on its page (a HOT update).
CREATE TABLE fromline.chat (
    tenant_id    bigint   NOT NULL,
    id           uuid     NOT NULL,
    set_id       bigint,            -- of its participants; NULL while there are none, or when they changed after our line left
    past_sets    bigint[],          -- of its participants before; NULL for most chats
    line         bigint   NOT NULL, -- digits
    created_at   bigint   NOT NULL,
    active_at    bigint   NOT NULL,
    succeeded_at bigint,
    successor    uuid,
    service      smallint NOT NULL, -- 0 while unknown
    named        boolean  NOT NULL,
    line_left    boolean  NOT NULL,
    roster       bytea    NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 85);

CREATE INDEX chat_by_set ON fromline.chat (set_id);
CREATE INDEX chat_by_line ON fromline.chat (tenant_id, line, id);

-- Who takes part or took part in groups, and in chats that were groups once. A
-- person is named by the key of the set of that person alone, which also is the
-- key of the set of their direct chats: those need no rows here.
CREATE TABLE fromline.participant (
    tenant_id bigint NOT NULL,
    person    bytea  NOT NULL,
    chat_id   uuid   NOT NULL,
    PRIMARY KEY (tenant_id, person, chat_id)
);

CREATE INDEX participant_by_chat ON fromline.participant (tenant_id, chat_id);

-- note_people notes the participants of a chat: the names, 32 bytes each, come
-- one after the other.
CREATE FUNCTION fromline.note_people(p_tenant_id bigint, p_chat uuid, p_people bytea) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fromline.participant (tenant_id, person, chat_id)
    SELECT p_tenant_id, substring(p_people FROM 32 * i + 1 FOR 32), p_chat
    FROM generate_series(0, length(p_people) / 32 - 1) AS i
    ON CONFLICT DO NOTHING;
END $$;
