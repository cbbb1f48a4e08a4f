\set n random(1, 1000000000000)
\set line random(0, LINES - 1)
SELECT revision, message_id, record_key, keep_until, record,
    chat_id, line, created_at, active_at, succeeded_at, successor, service, named, roster
FROM fromline.lookup('acme'::bytea, sha256(convert_to((SETS + :n::bigint)::text, 'UTF8')), false, 33, NULL, gen_random_uuid());
SELECT outcome, free_at, leased
FROM fromline.commit_plan(
    'acme'::bytea, sha256(convert_to((SETS + :n::bigint)::text, 'UTF8')), 0, false, gen_random_uuid(), 13015550000 + :line, NULL,
    0, AT, HOUR, '\xROSTER', NULL, gen_random_uuid(), NULL, AT + 3600000000, '\xRECORD', NULL, 0, 0, 0, 0, NULL, 0);
