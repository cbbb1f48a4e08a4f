SELECT t.name, d.message_id, d.chat_id, d.decided_at, d.attempts, d.body, d.parked, d.due, d.why, d.leaves
FROM fromline.delivery AS d JOIN fromline.tenant AS t ON t.id = d.tenant_id
WHERE t.name = $1::bytea AND d.message_id = $2::uuid AND NOT d.forgotten
