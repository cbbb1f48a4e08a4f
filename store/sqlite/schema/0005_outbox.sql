-- Deliveries, in the order of commits: seq.
CREATE TABLE delivery (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id  INTEGER NOT NULL,
    chat_id    BLOB    NOT NULL,
    message_id BLOB    NOT NULL,
    decided_at INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    parked     INTEGER NOT NULL DEFAULT 0,
    forgotten  INTEGER NOT NULL DEFAULT 0, -- goes when its lease ends
    body       BLOB    NOT NULL,
    UNIQUE (tenant_id, message_id)
) STRICT;

CREATE INDEX delivery_by_chat ON delivery (tenant_id, chat_id, parked, seq);
CREATE INDEX delivery_parked ON delivery (tenant_id, message_id) WHERE parked;

-- A queue of chats: one row for each chat with deliveries that are not parked.
-- Its head, the first of them, is what can be claimed, from "due" on: that is
-- when the head is due, or when the lease of one that is leased ends.
CREATE TABLE queue (
    tenant_id INTEGER NOT NULL,
    chat_id   BLOB    NOT NULL,
    due       INTEGER NOT NULL,
    token     BLOB,    -- of the lease, NULL without one
    leased    INTEGER, -- seq
    PRIMARY KEY (tenant_id, chat_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX queue_by_due ON queue (due);
