-- Who may be written to. A person is named by the key of the set of that person
-- alone; a handle of NULL is one that was forgotten. Times of 0 are none.
CREATE TABLE consent (
    tenant_id  INTEGER NOT NULL,
    person     BLOB    NOT NULL,
    handle     TEXT,
    opted_out  INTEGER NOT NULL,
    opted_at   INTEGER NOT NULL,
    blocked    INTEGER NOT NULL,
    blocked_at INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    allowed    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, person)
) STRICT, WITHOUT ROWID;
