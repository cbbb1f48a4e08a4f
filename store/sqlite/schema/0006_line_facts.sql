-- What was learned about a line are three facts, each with its own time: status,
-- reputation and ownership. A value of 0 was never said, and its time is 0.
CREATE TABLE line_fact (
    tenant_id     INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    status        INTEGER NOT NULL,
    status_at     INTEGER NOT NULL,
    reputation    INTEGER NOT NULL,
    reputation_at INTEGER NOT NULL,
    ownership     INTEGER NOT NULL,
    ownership_at  INTEGER NOT NULL,
    change        INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO line_fact
SELECT tenant_id, number, status, iif(status = 0, 0, changed_at), reputation, iif(reputation = 0, 0, changed_at), 0, 0, change
FROM line_state;

DROP TABLE line_state;
ALTER TABLE line_fact RENAME TO line_state;

CREATE UNIQUE INDEX line_state_by_change ON line_state (change);
