-- What numbers are behind the answers?
-- Columns: item, part, decides, passed, observed, bound, why
SELECT item, part, sound AS decides, passed, observed, bound, why
FROM claim_gate
WHERE run_id = $run_id
ORDER BY item, part
