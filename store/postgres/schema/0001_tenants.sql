-- Tenants by number, so that other rows and their indexes hold eight bytes of
-- them. Names are bytes: no collation makes two of them one. The index is on a
-- hash, because a name may be longer than an index entry can be. Rows are never
-- removed.
CREATE TABLE fromline.tenant (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name bytea NOT NULL
);

CREATE UNIQUE INDEX tenant_by_name ON fromline.tenant (sha256(name));

-- tenant_id returns the number of a tenant, NULL when it is not known.
CREATE FUNCTION fromline.tenant_id(p_name bytea) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT id FROM fromline.tenant WHERE sha256(name) = sha256(p_name));
END $$;

-- clock is the time of the server, by which leases are measured.
CREATE FUNCTION fromline.clock() RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;
