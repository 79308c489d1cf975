-- How do several features (spots: autoencoder, a blank, number) stand to every label of a column of the cells, in their order?
-- Columns: sae_id, layer, feature, name, label, n_cells, auroc, auroc_low, log2_fold, fires, log2_odds, q, marks
WITH spots AS (
    SELECT unnest($spots::VARCHAR[]) AS spot, generate_subscripts($spots::VARCHAR[], 1) AS place
),
wanted AS (
    SELECT place, sae_id, layer, feature, coalesce(name, label) AS name
    FROM feature
    JOIN spots ON spot = concat_ws(' ', sae_id, feature)
    WHERE run_id = $run_id
),
marked AS (
    SELECT * EXCLUDE (run_id, obs_column)
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $obs_column
)
SELECT
    sae_id, layer, feature, name, label, n_cells, auroc, auroc_low, log2_fold, n_active / n_cells AS fires,
    log2(nullif(odds_ratio, 0)) AS log2_odds, q, marks
FROM wanted
JOIN marked USING (sae_id, feature)
ORDER BY place, label
