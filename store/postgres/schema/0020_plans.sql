-- See 0016_plans.sql: these functions were made anew since, or were left out. A
-- function that a statement of the store calls has this setting.
ALTER FUNCTION fromline.claim SET enable_seqscan = off;
ALTER FUNCTION fromline.settle SET enable_seqscan = off;
ALTER FUNCTION fromline.line_use SET enable_seqscan = off;
ALTER FUNCTION fromline.report_line SET enable_seqscan = off;
