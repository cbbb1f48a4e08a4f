-- Tenants by number, so that other rows and their indexes hold a few bytes of
-- them. Names are blobs and compare byte by byte. Rows are never removed.
CREATE TABLE tenant (
    id   INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE
) STRICT;

-- The last numbers given: of revisions, and of changes of line use and line
-- states. Nobody writes beside the writer, so they follow the order of commits.
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES ('revision', 0), ('line_use', 0), ('line_state', 0);
