-- How well do the features of each layer tell the cells with a label, and what share of features tells any label, beside shuffled labels and baselines?
-- Columns: layer, sae_id, n_alive, n_features, best_feature, best_auroc, best_low, n_cells, any_label, by_chance, baseline, best_baseline
WITH tested AS (
    SELECT * EXCLUDE (run_id, obs_column, label)
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $obs_column AND label = $label
),
layers AS (
    SELECT
        sae_id, count(*) FILTER (marks) AS n_features,
        arg_max(feature, coalesce(auroc_low, auroc)) AS best_feature,
        arg_max(auroc, coalesce(auroc_low, auroc)) AS best_auroc,
        max(auroc_low) AS best_low, max(n_cells) AS n_cells
    FROM tested
    GROUP BY sae_id
),
living AS (
    SELECT sae_id, layer, count(*) AS n_alive FROM feature WHERE run_id = $run_id AND alive GROUP BY ALL
),
baselines AS (  -- of all types of cells together
    SELECT
        sae_id,
        max(type_fraction) FILTER (basis = 'autoencoder') AS any_label,
        max(null_type) FILTER (basis = 'autoencoder') AS by_chance,
        arg_max(basis, type_fraction) FILTER (basis <> 'autoencoder') AS baseline,
        max(type_fraction) FILTER (basis <> 'autoencoder') AS best_baseline
    FROM baseline
    WHERE run_id = $run_id AND $obs_column = 'cell type'
    GROUP BY sae_id
),
permuted AS (
    SELECT sae_id, called_fraction, null_mean
    FROM label_summary
    WHERE run_id = $run_id AND obs_column = $obs_column AND rule = 'stratified' AND NOT conditional
)
SELECT
    layer, sae_id, n_alive, n_features, best_feature, best_auroc, best_low, n_cells,
    coalesce(any_label, called_fraction) AS any_label, coalesce(by_chance, null_mean) AS by_chance, baseline,
    best_baseline
FROM layers
JOIN living USING (sae_id)
LEFT JOIN baselines USING (sae_id)
LEFT JOIN permuted USING (sae_id)
ORDER BY layer, sae_id
