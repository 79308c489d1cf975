-- Which gene sets do a feature's genes fall into, significant ones first, and of those the ones that represent others?
-- Columns: library, term, n_overlap, n_set, fold, odds_ratio, p, q, q_below_resolution, significant, genes, represented_by
SELECT
    library, term, n_overlap, n_set, fold, odds_ratio, p, q, q_below_resolution, significant, genes, represented_by
FROM annotation
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY NOT significant, represented_by IS NOT NULL, q, p, library, term
LIMIT $n_rows
