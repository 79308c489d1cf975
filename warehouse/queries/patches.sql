-- What did switching single features off do to the outputs of their target genes and of others, by rule?
-- Columns: sae_id, layer, feature, effect, target_effect, other_effect, specificity, n_cells, label, genes, name, rule, target_kind, difference, per_unit, elsewhere, kl, p, q, p_direction, standardised
SELECT
    patch.sae_id, feature.layer, patch.feature, effect, target_effect, other_effect, specificity, n_cells,
    coalesce(patch.label, feature.label) AS label, genes,
    coalesce(feature.name, patch.label, feature.label) AS name,
    patch.rule, patch.target_kind, difference, per_unit, elsewhere, kl, p, q, p_direction,
    difference * sqrt(n_units) / nullif(sd, 0) AS standardised
FROM causal_patch AS patch
JOIN feature USING (run_id, sae_id, feature)
LEFT JOIN (
    SELECT run_id, sae_id, feature, target_kind, string_agg(symbol, ', ' ORDER BY rank) AS genes
    FROM causal_patch_gene
    GROUP BY ALL
) USING (run_id, sae_id, feature, target_kind)
WHERE run_id = $run_id
ORDER BY p_direction, abs(standardised) DESC, specificity DESC, patch.feature
