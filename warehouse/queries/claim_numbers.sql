-- What numbers are behind the answer to one question?
-- Columns: part, decides, passed, observed, bound, why
SELECT part, sound AS decides, passed, observed, bound, why
FROM claim_gate
WHERE run_id = $run_id AND item = $item
ORDER BY part
