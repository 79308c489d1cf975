-- How many pairs of domains do edges join in this study and in another, beside chance?
-- Columns: other, null_kind, n_own, n_other, n_both, expected, sd, fold, p, n_null
SELECT other, null_kind, n_own, n_other, n_both, expected, sd, fold, p, n_null
FROM consensus_test
WHERE run_id = $run_id AND kind = $kind
ORDER BY other, list_position(['exchanged', 'published'], null_kind)
