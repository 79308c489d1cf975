-- Which gene sets do a feature's genes fall into, significant ones first?
-- Columns: library, term, n_overlap, n_set, fold, odds_ratio, p, q, q_below_resolution, significant, genes
SELECT library, term, n_overlap, n_set, fold, odds_ratio, p, q, q_below_resolution, significant, genes
FROM annotation
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY q, p, library, term
LIMIT $n_rows
