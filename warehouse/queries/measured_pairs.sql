-- What did one feature do to others, or others to it, edge or not, strongest first? One end must be given; NULL leaves the other open.
-- Columns: source_sae, source_layer, source_feature, source_genes, target_sae, target_layer, target_feature, target_genes, effect, n_cells, n_pos, n_neg, mean, sd, d, g, p, q, excess, q_specific, n_matching
WITH measured AS (
    SELECT *
    FROM edge_stat
    WHERE run_id = $run_id
        AND effect = $effect
        AND ($source_sae IS NULL OR source_sae = $source_sae)
        AND ($source_feature IS NULL OR source_feature = $source_feature::UINTEGER)
        AND ($target_sae IS NULL OR target_sae = $target_sae)
        AND ($target_feature IS NULL OR target_feature = $target_feature::UINTEGER)
        AND coalesce($source_feature, $target_feature) IS NOT NULL
),
kept AS (
    SELECT *, count(*) OVER () AS n_matching
    FROM measured
    ORDER BY abs(g) DESC, source_sae, source_feature, target_sae, target_feature
    LIMIT $n_rows
)
SELECT
    kept.source_sae, kept.source_layer, kept.source_feature, source.top_genes AS source_genes,
    kept.target_sae, kept.target_layer, kept.target_feature, target.top_genes AS target_genes,
    kept.effect, kept.n_cells, kept.n_pos, kept.n_neg, kept.mean, kept.sd, kept.d, kept.g, kept.p, kept.q, kept.excess, kept.q_specific,
    kept.n_matching
FROM kept
JOIN feature AS source
    ON source.run_id = $run_id AND source.sae_id = kept.source_sae AND source.feature = kept.source_feature
JOIN feature AS target
    ON target.run_id = $run_id AND target.sae_id = kept.target_sae AND target.feature = kept.target_feature
ORDER BY abs(kept.g) DESC, kept.source_sae, kept.source_feature, kept.target_sae, kept.target_feature
