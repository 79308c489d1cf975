-- Which edges join features that mark a label, strongest first, and how many would if edges kept their ends' numbers?
-- Columns: source_sae, source_layer, source_feature, target_sae, target_layer, target_feature, g, q, n_cells, n_matching, expected
WITH marking AS (
    SELECT DISTINCT sae_id, feature
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $obs_column AND label = $label AND marks
),
ends AS (  -- edges from one autoencoder to another, at all features and at those that mark the label
    SELECT
        direction, sae_id, other_sae, sum(degree) AS n_edges,
        coalesce(sum(degree) FILTER (marking.feature IS NOT NULL), 0) AS n_own
    FROM feature_degree
    LEFT JOIN marking USING (sae_id, feature)
    WHERE run_id = $run_id AND effect = $effect AND criterion = $criterion
    GROUP BY ALL
),
chance AS (
    SELECT sum(leaving.n_own * reaching.n_own / nullif(leaving.n_edges, 0)) AS expected
    FROM ends AS leaving
    JOIN ends AS reaching ON reaching.sae_id = leaving.other_sae AND reaching.other_sae = leaving.sae_id
    WHERE leaving.direction = 'out' AND reaching.direction = 'in'
),
found AS (
    SELECT source_sae, source_layer, source_feature, target_sae, target_layer, target_feature, g, q, n_cells
    FROM stored.edge
    SEMI JOIN marking AS sources ON source_sae = sources.sae_id AND source_feature = sources.feature
    SEMI JOIN marking AS targets ON target_sae = targets.sae_id AND target_feature = targets.feature
    WHERE step_key IN (SELECT step_key FROM run_step WHERE run_id = $run_id)
        AND criterion = $criterion
        AND effect = $effect
)
SELECT found.*, count(*) OVER () AS n_matching, (SELECT expected FROM chance) AS expected
FROM found
ORDER BY abs(g) DESC, source_sae, source_feature, target_sae, target_feature
LIMIT $n_rows
