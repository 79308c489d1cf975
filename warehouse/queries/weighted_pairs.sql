-- Which terms do edges join if every significant term of a feature counts, with weights that sum to one?
-- Columns: source_domain, target_domain, n_edges, expected, fold, n_ends
WITH ends AS (
    SELECT
        source_layer, target_layer, source_feature, target_feature, source.domain AS source_domain,
        target.domain AS target_domain, source.weight AS source_weight, target.weight AS target_weight
    FROM edge
    JOIN feature_term AS source
        ON source.run_id = edge.run_id AND source.sae_id = source_sae AND source.feature = source_feature
    JOIN feature_term AS target
        ON target.run_id = edge.run_id AND target.sae_id = target_sae AND target.feature = target_feature
    WHERE edge.run_id = $run_id AND criterion = $criterion AND effect = $effect
),
total AS (
    SELECT source_layer, target_layer, sum(source_weight * target_weight) AS n FROM ends GROUP BY ALL
),
leaving AS (
    SELECT source_layer, target_layer, source_domain, sum(source_weight * target_weight) AS n FROM ends GROUP BY ALL
),
reaching AS (
    SELECT source_layer, target_layer, target_domain, sum(source_weight * target_weight) AS n FROM ends GROUP BY ALL
),
chance AS (
    SELECT source_domain, target_domain, sum(leaving.n * reaching.n / total.n) AS expected
    FROM leaving
    JOIN reaching USING (source_layer, target_layer)
    JOIN total USING (source_layer, target_layer)
    GROUP BY ALL
)
SELECT
    source_domain, target_domain, sum(source_weight * target_weight) AS n_edges, any_value(expected) AS expected,
    sum(source_weight * target_weight) / any_value(expected) AS fold, count(*) AS n_ends
FROM ends
JOIN chance USING (source_domain, target_domain)
GROUP BY ALL
ORDER BY n_edges DESC, source_domain, target_domain
LIMIT $n_rows
