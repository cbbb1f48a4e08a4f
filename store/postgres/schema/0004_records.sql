-- What was decided. The two unique indexes are what makes a decision happen
-- once; they span all time, so the table is not partitioned by time.
CREATE TABLE fromline.record (
    tenant_id  bigint NOT NULL,
    message_id uuid   NOT NULL,
    chat_id    uuid   NOT NULL,
    key        bytea,            -- idempotency key; NULL without one
    keep_until bigint NOT NULL,
    body       bytea  NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
);

CREATE UNIQUE INDEX record_by_key ON fromline.record (tenant_id, key) WHERE key IS NOT NULL;
CREATE INDEX record_by_expiry ON fromline.record (keep_until);
CREATE INDEX record_by_chat ON fromline.record (tenant_id, chat_id);

-- purge removes at most p_limit records that may go before a time, the oldest
-- first, and returns how many it removed. Rows that somebody else is removing
-- are left to them.
CREATE FUNCTION fromline.purge(p_before bigint, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    removed int;
BEGIN
    WITH doomed AS (
        SELECT tenant_id, message_id
        FROM fromline.record
        WHERE keep_until < p_before
        ORDER BY keep_until
        LIMIT p_limit
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM fromline.record AS r
    USING doomed AS d
    WHERE r.tenant_id = d.tenant_id AND r.message_id = d.message_id;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;
