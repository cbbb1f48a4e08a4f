-- How many chats a line opened, by UTC hour: the first of the 25 counts is that
-- of the newest hour. All counts are in one row, because a commit that checks
-- the limit must lock all that it adds up.
--
-- "dirty" says that the row has changed since it was last given a change
-- number. Commits only set that mark, and the time: if they drew the number
-- themselves, in the order of commits, every new chat would queue on one counter.
CREATE TABLE fromline.line (
    tenant_id bigint   NOT NULL,
    number    bigint   NOT NULL, -- digits
    hour      bigint   NOT NULL, -- since 1970
    opened    bigint[] NOT NULL,
    used_at   bigint   NOT NULL, -- by the clock of the server
    dirty     boolean  NOT NULL,
    change    bigint,
    PRIMARY KEY (tenant_id, number)
) WITH (fillfactor = 50);

CREATE INDEX line_by_change ON fromline.line (change);
CREATE INDEX line_dirty ON fromline.line (tenant_id, number) WHERE dirty;

-- How many messages a line sent and received. A table of its own, so that no
-- new chat waits for a count of messages.
CREATE TABLE fromline.traffic (
    tenant_id bigint   NOT NULL,
    number    bigint   NOT NULL,
    hour      bigint   NOT NULL,
    messages  bigint[] NOT NULL,
    used_at   bigint   NOT NULL,
    dirty     boolean  NOT NULL,
    PRIMARY KEY (tenant_id, number)
) WITH (fillfactor = 50);

CREATE INDEX traffic_dirty ON fromline.traffic (tenant_id, number) WHERE dirty;

-- What events said about lines; a status or reputation of 0 was never said.
CREATE TABLE fromline.line_state (
    tenant_id  bigint   NOT NULL,
    number     bigint   NOT NULL,
    status     smallint NOT NULL,
    reputation smallint NOT NULL,
    changed_at bigint   NOT NULL,
    change     bigint   NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

CREATE UNIQUE INDEX line_state_by_change ON fromline.line_state (change);

-- The last change numbers given. Whoever draws one keeps the row locked until
-- its commit, so numbers follow the order of commits, which those of a sequence
-- do not.
CREATE TABLE fromline.counter (
    name  text PRIMARY KEY,
    value bigint NOT NULL
);

INSERT INTO fromline.counter (name, value) VALUES ('line_use', 0), ('line_state', 0);

-- no_counts are the counts of a line that nobody used.
CREATE FUNCTION fromline.no_counts() RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$ SELECT array_fill(0::bigint, ARRAY[25]) $$;

-- advance returns counts as they stand some hours later.
CREATE FUNCTION fromline.advance(p_counts bigint[], p_hours bigint) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_hours <= 0 THEN p_counts
        WHEN p_hours >= 25 THEN array_fill(0::bigint, ARRAY[25])
        ELSE array_fill(0::bigint, ARRAY[p_hours::int]) || p_counts[1:25 - p_hours::int]
    END
$$;

-- add_newest adds to the newest count, up to what 32 bits hold.
CREATE FUNCTION fromline.add_newest(p_counts bigint[], p_n bigint) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT least(p_counts[1] + p_n, 4294967295) || p_counts[2:25]
$$;
