-- What can be claimed of the run, and what should be run next?
-- Columns: item, kind, question, claim, level, rule, verdict, because, next, n_parts, n_passed
SELECT item, kind, question, claim, level, rule, verdict, because, next, n_parts, n_passed
FROM claim_verdict
WHERE run_id = $run_id
ORDER BY place
