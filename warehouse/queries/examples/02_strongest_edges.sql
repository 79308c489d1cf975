-- Which calibrated edges are strongest, and which join one direction carried on from layer to layer?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
),
strongest AS (
    SELECT edge.*
    FROM edge
    JOIN newest USING (run_id)
    WHERE criterion = 'calibrated' AND effect = 'total'
    ORDER BY abs(g) DESC, source_sae, source_feature, target_sae, target_feature
    LIMIT 20
)
SELECT
    strongest.source_layer, strongest.source_feature, source.top_genes AS source_genes,
    strongest.target_layer, strongest.target_feature, target.top_genes AS target_genes,
    round(strongest.g, 2) AS g, strongest.n_cells, strongest.q, before.life = after.life AS carried_on
FROM strongest
JOIN feature AS source ON source.run_id = strongest.run_id
    AND source.sae_id = strongest.source_sae AND source.feature = strongest.source_feature
JOIN feature AS target ON target.run_id = strongest.run_id
    AND target.sae_id = strongest.target_sae AND target.feature = strongest.target_feature
LEFT JOIN feature_life AS before ON before.run_id = strongest.run_id  -- NULL where nothing was tracked
    AND before.sae_id = strongest.source_sae AND before.feature = strongest.source_feature
LEFT JOIN feature_life AS after ON after.run_id = strongest.run_id
    AND after.sae_id = strongest.target_sae AND after.feature = strongest.target_feature
ORDER BY abs(strongest.g) DESC
