-- What share of features can be described, and of four baselines of the same layer on the same cells?
-- Columns: layer, sae_id, basis, n_features, n_alive, l0, n_described, n_annotated, annotated_fraction, null_annotated, n_with_type, type_fraction, null_type, n_steps, n_cells, n_positions, n_named, named_fraction, null_named
SELECT
    sae.layer, baseline.sae_id, baseline.basis, baseline.n_features, baseline.n_alive, baseline.l0,
    baseline.n_described, baseline.n_annotated, baseline.annotated_fraction, baseline.null_annotated,
    baseline.n_with_type, baseline.type_fraction, baseline.null_type, baseline.n_steps, baseline.n_cells,
    baseline.n_positions, baseline.n_named, baseline.named_fraction, baseline.null_named
FROM baseline
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
ORDER BY
    sae.layer, baseline.sae_id,
    list_position(['autoencoder', 'neurons', 'pca', 'untrained_autoencoder', 'untrained_model'], baseline.basis)
