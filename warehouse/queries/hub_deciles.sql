-- What share of features is annotated, by tenths of their number of edges, and what share do their frequencies give?
-- Columns: decile, n_features, n_annotated, mean_degree, share, low, high, expected
SELECT decile, n_features, n_annotated, mean_degree, share, low, high, expected
FROM enrichment_decile
WHERE run_id = $run_id
    AND sae_id = $sae_id
ORDER BY decile
