-- What share of features is annotated, beside random gene sets of the same size?
-- Columns: layer, sae_id, library, n_features, n_annotated, annotated_fraction, null_mean, null_sd, null_max, n_null, rule
SELECT
    sae.layer, summary.sae_id, summary.library, summary.n_features, summary.n_annotated,
    summary.annotated_fraction, summary.null_mean, summary.null_sd, summary.null_max, summary.n_null, summary.rule
FROM annotation_summary AS summary
JOIN sae USING (run_id, sae_id)
WHERE summary.run_id = $run_id
ORDER BY sae.layer, summary.sae_id, summary.library, summary.rule
