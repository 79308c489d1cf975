-- How much does each autoencoder of a layer explain of held-out cells of each source, and what share of its features is annotated?
-- Columns: source, cohort, seed, fvu, l0, annotated_fraction, null_annotated, n_annotated, n_described, n_alive, n_features, heldout_cells, heldout_positions, n_train_cells, n_train_positions, n_steps
SELECT
    source, cohort, seed, fvu, l0, annotated_fraction, null_annotated, n_annotated, n_described, n_alive, n_features,
    n_cells AS heldout_cells, n_positions AS heldout_positions, n_train_cells, n_train_positions, n_steps
FROM cohort
WHERE run_id = $run_id AND layer = $layer
ORDER BY source, cohort <> 'pooled', cohort, seed
