-- name: export_edges
SELECT source_sae, source_feature, target_sae, target_feature, g, d, mean, q, n_cells, sign
FROM edge
WHERE run_id = $$run_id AND criterion = $$criterion AND effect = $$effect
ORDER BY source_sae, source_feature, target_sae, target_feature

-- name: export_features
SELECT
    feature.* EXCLUDE (run_id, name) REPLACE (coalesce(module_feature.module, feature.module) AS module),
    coalesce(feature.name, label) AS stands_for,
    printf('L%d_F%d', layer, feature) AS name
FROM feature
LEFT JOIN module_feature USING (run_id, sae_id, feature)
WHERE run_id = $$run_id
ORDER BY layer, sae_id, feature

-- name: export_genes
SELECT sae_id, feature, gene_id, symbol, mean_activation, fire_rate
FROM feature_gene
WHERE run_id = $$run_id AND coalesce(shown, true)
ORDER BY sae_id, feature, rank

-- name: export_run
SELECT run_id, study, title, imported, finished
FROM run
WHERE $$run_id IS NULL OR run_id = $$run_id
ORDER BY imported, finished DESC, run_id
LIMIT 1

-- name: export_scores
-- What features say of labels, genes and expression: a value for each feature, analysis and metric, in the order of columns.
SELECT sae_id, feature, analysis AS analysis_type, metric, value
FROM (
    SELECT
        sae_id, feature, 1 AS place,
        CASE WHEN conditional THEN 'labels_given' ELSE 'labels' END AS analysis,
        unnest([concat_ws('_', obs_column, label, one) FOR one IN ['auroc', 'q']]) AS metric,
        unnest([auroc, q]) AS value
    FROM feature_label
    WHERE run_id = $$run_id
    UNION ALL
    SELECT
        sae_id, feature, 2, 'scores',
        unnest([concat_ws('_', obs_column, label, score_kind || one) FOR one IN ['', '_q']]),
        unnest([coalesce(heldout_value, train_value), q])
    FROM feature_label_score
    WHERE run_id = $$run_id
    UNION ALL
    SELECT
        sae_id, feature, 3, 'families',
        unnest([concat_ws('_', library, family, one) FOR one IN ['log_odds', 'q']]),
        unnest([log_odds, q])
    FROM feature_family
    WHERE run_id = $$run_id
    UNION ALL
    SELECT sae_id, feature, 4, 'expression', unnest(['difference', 'q']), unnest([difference, q])
    FROM feature_expression
    WHERE run_id = $$run_id
    UNION ALL
    SELECT sae_id, feature, 5, 'density', 'frequency', frequency
    FROM feature
    WHERE run_id = $$run_id
)
WHERE value IS NOT NULL
ORDER BY place, analysis, metric, sae_id, feature

-- name: export_steps
SELECT step, layer, step || '-' || step_key AS folder
FROM run_step
WHERE run_id = $$run_id
ORDER BY place
