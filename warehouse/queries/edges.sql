-- Which edges pass a rule and the filters, strongest first? NULL filters nothing.
-- Columns: source_sae, source_layer, source_feature, source_genes, target_sae, target_layer, target_feature, target_genes, effect, n_cells, n_pos, n_neg, mean, sd, d, g, p, q, excess, q_specific, n_matching, carried_on
WITH matching AS MATERIALIZED (  -- rows are stored by source and target: their number breaks ties
    SELECT rowid AS place, abs(g) AS size
    FROM stored.edge
    WHERE step_key IN (SELECT step_key FROM run_step WHERE run_id = $run_id)
        AND criterion = $criterion
        AND effect = $effect
        AND ($source_sae IS NULL OR source_sae = $source_sae)
        AND ($source_feature IS NULL OR source_feature = $source_feature::UINTEGER)
        AND ($target_sae IS NULL OR target_sae = $target_sae)
        AND ($target_feature IS NULL OR target_feature = $target_feature::UINTEGER)
        AND ($sign IS NULL OR sign = $sign)
        AND abs(g) >= $min_effect
        AND q <= $max_q
),
strongest AS (
    SELECT place FROM matching ORDER BY size DESC, place LIMIT $n_rows
),
kept AS (  -- the same filters again: only the stretches of the table that can have such rows are read
    SELECT *
    FROM stored.edge
    WHERE rowid IN (SELECT place FROM strongest)
        AND step_key IN (SELECT step_key FROM run_step WHERE run_id = $run_id)
        AND criterion = $criterion
        AND effect = $effect
        AND ($source_sae IS NULL OR source_sae = $source_sae)
        AND ($source_feature IS NULL OR source_feature = $source_feature::UINTEGER)
        AND ($target_sae IS NULL OR target_sae = $target_sae)
        AND ($target_feature IS NULL OR target_feature = $target_feature::UINTEGER)
)
SELECT
    kept.source_sae, kept.source_layer, kept.source_feature, source.top_genes AS source_genes,
    kept.target_sae, kept.target_layer, kept.target_feature, target.top_genes AS target_genes,
    kept.effect, kept.n_cells, kept.n_pos, kept.n_neg, kept.mean, kept.sd, kept.d, kept.g, kept.p, kept.q, kept.excess, kept.q_specific,
    (SELECT count(*) FROM matching) AS n_matching,
    before.life = after.life AS carried_on
FROM kept
JOIN feature AS source
    ON source.run_id = $run_id AND source.sae_id = kept.source_sae AND source.feature = kept.source_feature
JOIN feature AS target
    ON target.run_id = $run_id AND target.sae_id = kept.target_sae AND target.feature = kept.target_feature
LEFT JOIN feature_life AS before  -- of the rows shown alone, and NULL where nothing was tracked
    ON before.run_id = $run_id AND before.sae_id = kept.source_sae AND before.feature = kept.source_feature
LEFT JOIN feature_life AS after
    ON after.run_id = $run_id AND after.sae_id = kept.target_sae AND after.feature = kept.target_feature
ORDER BY abs(kept.g) DESC, kept.source_sae, kept.source_feature, kept.target_sae, kept.target_feature
