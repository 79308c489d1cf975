-- What does each feature cost the prediction of hidden genes, on average over all measured cells?
-- Columns: sae_id, layer, arm, place, feature, degree, frequency, cost, n_active, n_cells, top_genes, label
WITH degrees AS (
    SELECT run_id, effect, criterion, sae_id, feature, sum(degree)::BIGINT AS degree
    FROM feature_degree
    WHERE run_id = $run_id AND direction = 'out'
    GROUP BY ALL
),
costs AS (
    SELECT
        run_id, effect, criterion, sae_id, arm, place, feature,
        avg(ce_ablated - ce_clean) AS cost,
        count(*) FILTER (active) AS n_active,
        count(*) AS n_cells
    FROM lm_damage
    WHERE run_id = $run_id AND change = 'ablated' AND place > 0 AND ($source_sae IS NULL OR sae_id = $source_sae)
    GROUP BY ALL
)
SELECT
    sae_id, feature.layer, arm, place, feature, coalesce(degree, 0) AS degree, feature.frequency, cost, n_active,
    n_cells, feature.top_genes, feature.label
FROM costs
JOIN feature USING (run_id, sae_id, feature)
LEFT JOIN degrees USING (run_id, effect, criterion, sae_id, feature)
ORDER BY cost DESC, sae_id, arm, place
