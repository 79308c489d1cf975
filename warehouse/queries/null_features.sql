-- How many edges has each source feature, beside the number expected under sign flips?
-- Columns: source_sae, source_layer, source_feature, n_cells, observed, expected_null, null_sd, fdr
SELECT source_sae, source_layer, source_feature, n_cells, observed, expected_null, null_sd, fdr
FROM null_feature
WHERE run_id = $run_id
    AND effect = $effect
    AND criterion = $criterion
    AND ($source_sae IS NULL OR source_sae = $source_sae)
ORDER BY observed DESC, source_sae, source_feature
