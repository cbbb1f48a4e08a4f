WITH gone AS (
    DELETE FROM fromline.chat WHERE ctid = ANY (ARRAY(SELECT ctid FROM fromline.chat WHERE tenant_id = $1 LIMIT 5000)) RETURNING 1
)
SELECT count(*) FROM gone
