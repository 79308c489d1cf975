CREATE OR REPLACE MACRO edges_of(sae, feature_number, rule := NULL, kind := 'total') AS TABLE
WITH ends AS (
    SELECT 'out' AS direction, target_sae AS sae_id, target_feature AS feature, g, q, n_cells, mean
    FROM edge
    WHERE run_id = run_of(sae) AND criterion = coalesce(rule, rule_of(run_of(sae))) AND effect = kind
        AND source_sae = sae AND source_feature = feature_number::UINTEGER
    UNION ALL
    SELECT 'in', source_sae, source_feature, g, q, n_cells, mean
    FROM edge
    WHERE run_id = run_of(sae) AND criterion = coalesce(rule, rule_of(run_of(sae))) AND effect = kind
        AND target_sae = sae AND target_feature = feature_number::UINTEGER
)
SELECT direction, sae_id, layer, feature, g, q, n_cells, mean, top_genes, label
FROM ends
JOIN (SELECT sae_id, layer, feature, top_genes, label FROM feature WHERE run_id = run_of(sae)) USING (sae_id, feature)
ORDER BY direction DESC, abs(g) DESC, sae_id, feature;
COMMENT ON MACRO TABLE edges_of IS 'The edges that leave (out) and reach (in) a feature, strongest first: edges_of(sae, feature, rule := NULL, kind := ''total''), in the newest run that holds the autoencoder; NULL takes rule_of of the run.';
