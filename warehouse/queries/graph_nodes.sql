-- What is known of some features: name, genes, cell type, module, and how many edges of a rule leave and reach each?
-- Columns: sae_id, layer, feature, name, evidence, top_genes, label, top_cell_type, module, module_label, frequency, n_out, n_in
WITH chosen AS (
    SELECT unnest($saes) AS sae_id, unnest($features)::UINTEGER AS feature
),
degrees AS (
    SELECT
        sae_id, feature,
        sum(degree) FILTER (direction = 'out')::BIGINT AS n_out,
        sum(degree) FILTER (direction = 'in')::BIGINT AS n_in
    FROM feature_degree
    SEMI JOIN chosen USING (sae_id, feature)
    WHERE run_id = $run_id AND effect = $effect AND criterion = $criterion
    GROUP BY ALL
),
modules AS (
    SELECT sae_id, module, string_agg(label, '; ' ORDER BY rank) AS module_label
    FROM module_label
    WHERE run_id = $run_id
    GROUP BY ALL
)
SELECT
    sae_id, feature.layer, feature, coalesce(name, label) AS name, evidence, top_genes, label, top_cell_type,
    coalesce(module_feature.module, feature.module) AS module, module_label, frequency,
    coalesce(n_out, 0) AS n_out, coalesce(n_in, 0) AS n_in
FROM feature
SEMI JOIN chosen USING (sae_id, feature)
LEFT JOIN module_feature USING (run_id, sae_id, feature)
LEFT JOIN modules ON modules.sae_id = feature.sae_id AND modules.module = coalesce(module_feature.module, feature.module)
LEFT JOIN degrees USING (sae_id, feature)
WHERE run_id = $run_id
ORDER BY feature.layer, sae_id, feature
