-- How a line was used, by UTC hour: opened and messages are 25 counts of four
-- bytes, little endian, the first that of the newest hour.
CREATE TABLE line (
    tenant_id     INTEGER NOT NULL,
    number        INTEGER NOT NULL, -- digits
    hour          INTEGER NOT NULL, -- since 1970
    opened        BLOB    NOT NULL,
    messages_hour INTEGER NOT NULL,
    messages      BLOB    NOT NULL,
    change        INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX line_by_change ON line (change);

-- What events said about lines; a status or reputation of 0 was never said.
CREATE TABLE line_state (
    tenant_id  INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    reputation INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    change     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX line_state_by_change ON line_state (change);
