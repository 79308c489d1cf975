-- Which features list the genes of which disease?
-- Columns: sae_id, feature, library, disease, n_overlap, n_set, expected, fold, p, q, significant, genes
SELECT sae_id, feature, library, disease, n_overlap, n_set, expected, fold, p, q, significant, genes
FROM feature_disease
WHERE run_id = $run_id
ORDER BY NOT significant, q, p, sae_id, feature, library, disease
LIMIT $n_rows
