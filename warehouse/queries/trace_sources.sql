-- Which features fire in the traced cells, at genes and at special tokens, and which of them are traced?
-- Columns: sae_id, layer, feature, gene_rate, special_rate, special_share, special, selected, rule, rank, score, stratum, inclusion_probability, n_edges
WITH edges AS (
    SELECT sae_id, feature, sum(degree)::BIGINT AS n_edges
    FROM feature_degree
    WHERE run_id = $run_id AND effect = $effect AND direction = 'out' AND criterion = 'calibrated'
    GROUP BY ALL
)
SELECT
    feature.sae_id, feature.layer, feature.feature, chosen.gene_rate, chosen.special_rate, chosen.special_share,
    chosen.special, chosen.selected, chosen.rule, chosen.rank, chosen.score, chosen.stratum,
    chosen.inclusion_probability, edges.n_edges
FROM trace_source AS chosen
JOIN feature
    ON feature.run_id = chosen.run_id AND feature.sae_id = chosen.source_sae AND feature.feature = chosen.source_feature
LEFT JOIN edges ON edges.sae_id = chosen.source_sae AND edges.feature = chosen.source_feature
WHERE chosen.run_id = $run_id AND chosen.source_sae = $source_sae
ORDER BY chosen.special_share DESC NULLS LAST, chosen.rank NULLS LAST, feature.feature
