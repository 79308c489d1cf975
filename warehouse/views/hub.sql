-- Features by their number of outgoing edges, beside what else could explain it: how often they fire, and at how many
-- positions they were ablated.
CREATE OR REPLACE VIEW hub AS
WITH degree_out AS (
    SELECT run_id, criterion, effect, sae_id, layer, feature, sum(degree)::UINTEGER AS degree
    FROM feature_degree
    WHERE direction = 'out'
    GROUP BY ALL
),
ablated AS (
    SELECT run_id, source_sae AS sae_id, source_feature AS feature, sum(n_positions)::UBIGINT AS n_positions
    FROM trace_pair
    GROUP BY ALL
)
SELECT
    degree_out.run_id,
    degree_out.criterion,
    degree_out.effect,
    degree_out.sae_id,
    degree_out.layer,
    degree_out.feature,
    degree_out.degree,
    rank() OVER by_degree AS degree_rank,
    feature.frequency,
    rank() OVER by_frequency AS frequency_rank,
    ablated.n_positions,
    feature.n_cells_active,
    feature.top_genes,
    feature.label,
    feature.top_cell_type
FROM degree_out
JOIN feature USING (run_id, sae_id, feature)
LEFT JOIN ablated USING (run_id, sae_id, feature)
WINDOW
    by_degree AS (PARTITION BY run_id, criterion, effect, sae_id ORDER BY degree DESC),
    by_frequency AS (PARTITION BY run_id, criterion, effect, sae_id ORDER BY frequency DESC);
COMMENT ON VIEW hub IS 'Traced features by out-degree beside firing frequency, with their ranks in both, and the active positions at which they were ablated, by criterion and effect.';
