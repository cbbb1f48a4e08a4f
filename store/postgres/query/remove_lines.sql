WITH used AS (
    DELETE FROM fromline.line WHERE tenant_id = $1 AND number = ANY ($2::bigint[])
), counted AS (
    DELETE FROM fromline.traffic WHERE tenant_id = $1 AND number = ANY ($2::bigint[])
)
DELETE FROM fromline.line_state WHERE tenant_id = $1 AND number = ANY ($2::bigint[])
