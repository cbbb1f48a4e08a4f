-- What was decided. The two unique keys are what makes a decision happen once.
CREATE TABLE record (
    tenant_id  INTEGER NOT NULL,
    message_id BLOB    NOT NULL,
    chat_id    BLOB    NOT NULL,
    key        BLOB,             -- idempotency key; NULL without one
    keep_until INTEGER NOT NULL,
    body       BLOB    NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX record_by_key ON record (tenant_id, key) WHERE key IS NOT NULL;
CREATE INDEX record_by_expiry ON record (keep_until);
CREATE INDEX record_by_chat ON record (tenant_id, chat_id);
