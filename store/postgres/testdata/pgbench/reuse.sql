\set n random(0, SETS - 1)
SELECT revision, message_id, record_key, keep_until, record,
    chat_id, line, created_at, active_at, succeeded_at, successor, service, named, roster
FROM fromline.lookup('acme'::bytea, sha256(convert_to((:n)::text, 'UTF8')), false, 33, NULL, gen_random_uuid());
SELECT outcome, free_at, leased
FROM fromline.commit_plan(
    'acme'::bytea, sha256(convert_to((:n)::text, 'UTF8')), 1, true, md5((:n)::text)::uuid,
    13015550000 + :n % LINES, NULL,
    0, AT, HOUR, NULL, NULL, gen_random_uuid(), NULL, AT + 3600000000, '\xRECORD', NULL, 0, 0, 0, 0, NULL, 0);
