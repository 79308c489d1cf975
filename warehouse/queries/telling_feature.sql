-- Which feature should a page open on: one that is named by its cells and by a gene set, and whose effects are known?
-- Columns: sae_id, feature
SELECT feature.sae_id, feature
FROM feature
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id AND alive AND described
ORDER BY
    (label IS NOT NULL)::INTEGER + (top_cell_type IS NOT NULL)::INTEGER DESC,
    sae_id IN (SELECT sae_id FROM feature_degree WHERE run_id = $run_id AND direction = 'out') DESC,
    tier = 'normal' DESC,
    coalesce(top_cell_type_low, top_cell_type_auroc) DESC NULLS LAST,
    label_q NULLS LAST,
    feature.layer, sae_id, feature
LIMIT 1
