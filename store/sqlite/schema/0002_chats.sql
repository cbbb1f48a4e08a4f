-- Times are microseconds since 1970 UTC, here and in all other tables.

-- A row for each set of people that anybody wrote about. Ids and revisions are
-- never given twice, so that a set that was forgotten and met again is not taken
-- for what it was.
CREATE TABLE chat_set (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id INTEGER NOT NULL,
    key       BLOB    NOT NULL, -- recipients.Key
    is_group  INTEGER NOT NULL, -- more than one person
    revision  INTEGER NOT NULL,
    UNIQUE (tenant_id, key)
) STRICT;

CREATE TABLE chat (
    tenant_id    INTEGER NOT NULL,
    id           BLOB    NOT NULL,
    set_id       INTEGER,          -- of its participants; NULL while there are none, or when they changed after our line left
    line         INTEGER NOT NULL, -- digits
    created_at   INTEGER NOT NULL,
    active_at    INTEGER NOT NULL,
    succeeded_at INTEGER,
    successor    BLOB,
    service      INTEGER NOT NULL, -- 0 while unknown
    named        INTEGER NOT NULL,
    line_left    INTEGER NOT NULL,
    roster       BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX chat_by_set ON chat (set_id);
CREATE INDEX chat_by_line ON chat (tenant_id, line, id);

-- Who takes part or took part in groups, and in chats that were groups once. A
-- person is named by the key of the set of that person alone, which also is the
-- key of the set of their direct chats: those need no rows here.
CREATE TABLE participant (
    tenant_id INTEGER NOT NULL,
    person    BLOB    NOT NULL,
    chat_id   BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, person, chat_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX participant_by_chat ON participant (tenant_id, chat_id);

-- The sets that a chat was in before its participants changed.
CREATE TABLE past_set (
    tenant_id INTEGER NOT NULL,
    chat_id   BLOB    NOT NULL,
    set_id    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, chat_id, set_id)
) STRICT, WITHOUT ROWID;
