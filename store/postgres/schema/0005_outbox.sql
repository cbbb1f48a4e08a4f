-- Deliveries, in the order of the commits of their chat: a commit draws seq
-- while it holds the lock of the set.
CREATE TABLE fromline.delivery (
    tenant_id  bigint  NOT NULL,
    chat_id    uuid    NOT NULL,
    seq        bigint  GENERATED ALWAYS AS IDENTITY,
    message_id uuid    NOT NULL,
    decided_at bigint  NOT NULL,
    due        bigint  NOT NULL,
    attempts   int     NOT NULL DEFAULT 0,
    parked     boolean NOT NULL DEFAULT false,
    forgotten  boolean NOT NULL DEFAULT false, -- goes when its lease ends
    body       bytea   NOT NULL,
    PRIMARY KEY (tenant_id, chat_id, seq)
) WITH (fillfactor = 85);

CREATE UNIQUE INDEX delivery_by_message ON fromline.delivery (tenant_id, message_id);
CREATE INDEX delivery_parked ON fromline.delivery (tenant_id, message_id) WHERE parked;

-- A queue of chats: one row for each chat with deliveries that are not parked.
-- Its head, the first of them by seq, is what can be claimed, from "due" on:
-- that is when the head is due, or when the lease of one that is leased ends.
-- The row is locked by whoever settles, claims or adds a delivery of the chat;
-- it goes when the count of deliveries says so, not when nobody sees one.
CREATE TABLE fromline.queue (
    tenant_id bigint NOT NULL,
    chat_id   uuid   NOT NULL,
    waiting   int    NOT NULL,
    due       bigint NOT NULL,
    token     uuid,   -- of the lease, NULL without one
    leased    bigint, -- seq
    PRIMARY KEY (tenant_id, chat_id)
) WITH (fillfactor = 70);

CREATE INDEX queue_by_due ON fromline.queue (due);

-- enqueue adds a delivery that is due at once.
CREATE FUNCTION fromline.enqueue(p_tenant_id bigint, p_chat uuid, p_message uuid, p_decided_at bigint, p_body bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    now bigint := fromline.clock();
BEGIN
    INSERT INTO fromline.delivery (tenant_id, chat_id, message_id, decided_at, due, body)
    VALUES (p_tenant_id, p_chat, p_message, p_decided_at, now, p_body);
    INSERT INTO fromline.queue AS q (tenant_id, chat_id, waiting, due)
    VALUES (p_tenant_id, p_chat, 1, now)
    ON CONFLICT (tenant_id, chat_id) DO UPDATE SET waiting = q.waiting + 1;
END $$;

-- requeue ends the lease of a chat, whose queue row is locked, and makes it due
-- when its head is; p_gone of its deliveries no longer wait.
CREATE FUNCTION fromline.requeue(p_tenant_id bigint, p_chat uuid, p_gone int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM fromline.queue
    WHERE tenant_id = p_tenant_id AND chat_id = p_chat AND waiting <= p_gone;
    IF FOUND THEN
        RETURN;
    END IF;
    UPDATE fromline.queue AS q
    SET waiting = q.waiting - p_gone, token = NULL, leased = NULL, due = (
        SELECT d.due FROM fromline.delivery AS d
        WHERE d.tenant_id = p_tenant_id AND d.chat_id = p_chat AND NOT d.parked
        ORDER BY d.seq LIMIT 1)
    WHERE q.tenant_id = p_tenant_id AND q.chat_id = p_chat;
END $$;
