-- Which gene sets stand at the top of the whole ranking of a feature's genes, if the study asked for it?
-- Columns: library, term, nes, p, q, significant, n_set, n_ranked, genes
SELECT library, term, nes, p, q, significant, n_set, n_ranked, genes
FROM ranked_term
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature
ORDER BY q, p, library, term
LIMIT $n_rows
