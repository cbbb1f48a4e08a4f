-- The clock of the file: which start of the machine it goes by, and when that was
-- by the clock, in microseconds since 1970. One row at most.
CREATE TABLE clock (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    boot  TEXT    NOT NULL,
    began INTEGER NOT NULL
) STRICT;
