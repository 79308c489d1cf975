-- How do direct effects compare with total ones, from layer to layer? A pair without an effect of a kind counts as 0 there; d_rho is the Spearman correlation of d.
-- Columns: source_sae, source_layer, target_sae, target_layer, n_pairs, n_total, n_direct, n_both, d_rho, direct_share
WITH called AS (
    SELECT effect, source_sae, source_feature, target_sae, target_feature
    FROM edge
    WHERE run_id = $run_id AND criterion = $criterion
    UNION ALL
    SELECT effect, source_sae, source_feature, target_sae, target_feature
    FROM edge_stat
    WHERE run_id = $run_id AND $criterion = 'measured'
),
placed AS (
    SELECT
        source_sae, source_feature, target_sae, target_feature,
        bool_or(effect = 'total') AS in_total, bool_or(effect = 'direct') AS in_direct
    FROM called
    WHERE $source_sae IS NULL OR source_sae = $source_sae
    GROUP BY ALL
),
edges AS (
    SELECT
        source_sae, target_sae,
        count(*) FILTER (in_total) AS n_total,
        count(*) FILTER (in_direct) AS n_direct,
        count(*) FILTER (in_total AND in_direct) AS n_both
    FROM placed
    GROUP BY ALL
),
measured AS (
    SELECT effect, source_sae, source_layer, source_feature, target_sae, target_layer, target_feature, d, mean
    FROM edge_stat
    WHERE run_id = $run_id AND ($source_sae IS NULL OR source_sae = $source_sae)
),
total AS (SELECT * EXCLUDE (effect) FROM measured WHERE effect = 'total'),
direct AS (SELECT * EXCLUDE (effect) FROM measured WHERE effect = 'direct'),
paired AS (
    SELECT
        source_sae, source_layer, target_sae, target_layer,
        coalesce(total.d, 0) AS total_d, coalesce(direct.d, 0) AS direct_d,
        coalesce(total.mean, 0) AS total_mean, coalesce(direct.mean, 0) AS direct_mean
    FROM total
    FULL JOIN direct
        USING (source_sae, source_layer, source_feature, target_sae, target_layer, target_feature)
),
ranked AS (
    SELECT
        *,
        rank() OVER (PARTITION BY source_sae, target_sae ORDER BY total_d)
            + (count(*) OVER (PARTITION BY source_sae, target_sae, total_d) - 1) / 2 AS total_rank,
        rank() OVER (PARTITION BY source_sae, target_sae ORDER BY direct_d)
            + (count(*) OVER (PARTITION BY source_sae, target_sae, direct_d) - 1) / 2 AS direct_rank
    FROM paired
),
compared AS (
    SELECT
        source_sae, source_layer, target_sae, target_layer,
        count(*) AS n_pairs,
        CASE
            WHEN min(total_d) < max(total_d) AND min(direct_d) < max(direct_d) THEN corr(total_rank, direct_rank)
        END AS d_rho,
        sum(abs(direct_mean)) / nullif(sum(abs(total_mean)), 0) AS direct_share
    FROM ranked
    GROUP BY ALL
    HAVING bool_or(total_d <> 0) AND bool_or(direct_d <> 0)
)
SELECT
    source_sae, source_layer, target_sae, target_layer, n_pairs,
    coalesce(n_total, 0) AS n_total, coalesce(n_direct, 0) AS n_direct, coalesce(n_both, 0) AS n_both,
    d_rho, direct_share
FROM compared
LEFT JOIN edges USING (source_sae, target_sae)
ORDER BY source_layer, source_sae, target_layer, target_sae
