-- Direct beside total effects of one autoencoder on another, by rule. A pair without an effect of a kind counts as 0
-- there. Integers are added, since a sum of fractions depends on the order in which threads add them.
WITH called AS (
    SELECT criterion, effect, source_feature, target_feature
    FROM stored.edge
    WHERE step_key = $step_key AND source_sae = $source_sae AND target_sae = $target_sae
    UNION ALL
    SELECT 'measured' AS criterion, effect, source_feature, target_feature
    FROM stored.edge_stat
    WHERE step_key = $step_key AND source_sae = $source_sae AND target_sae = $target_sae
),
placed AS (
    SELECT
        criterion, source_feature, target_feature,
        bool_or(effect = 'total') AS in_total, bool_or(effect = 'direct') AS in_direct
    FROM called
    GROUP BY ALL
),
counted AS (
    SELECT
        criterion,
        count(*) FILTER (in_total) AS n_total,
        count(*) FILTER (in_direct) AS n_direct,
        count(*) FILTER (in_total AND in_direct) AS n_both
    FROM placed
    GROUP BY criterion
),
rules AS (
    SELECT criterion FROM stored.criterion WHERE step_key = $step_key
    UNION ALL
    SELECT 'measured'
),
paired AS (
    SELECT
        coalesce(any_value(d) FILTER (effect = 'total'), 0) AS total_d,
        coalesce(any_value(d) FILTER (effect = 'direct'), 0) AS direct_d,
        coalesce(any_value(mean) FILTER (effect = 'total'), 0)::DOUBLE AS total_mean,
        coalesce(any_value(mean) FILTER (effect = 'direct'), 0)::DOUBLE AS direct_mean
    FROM stored.edge_stat
    WHERE step_key = $step_key AND source_sae = $source_sae AND target_sae = $target_sae
    GROUP BY source_feature, target_feature
),
ranked AS (
    SELECT  -- twice the mean rank of ties: an integer
        *,
        (2 * rank() OVER (ORDER BY total_d) + count(*) OVER (PARTITION BY total_d) - 1)::HUGEINT AS x,
        (2 * rank() OVER (ORDER BY direct_d) + count(*) OVER (PARTITION BY direct_d) - 1)::HUGEINT AS y
    FROM paired
),
summed AS (
    SELECT
        count(*)::HUGEINT AS n, sum(x) AS sx, sum(y) AS sy, sum(x * x) AS sxx, sum(y * y) AS syy, sum(x * y) AS sxy,
        sum((abs(direct_mean) * 1099511627776)::HUGEINT) AS direct_size,
        sum((abs(total_mean) * 1099511627776)::HUGEINT) AS total_size
    FROM ranked
),
compared AS (
    SELECT
        n::UBIGINT AS n_pairs,
        (n * sxy - sx * sy) / nullif(sqrt(n * sxx - sx * sx) * sqrt(n * syy - sy * sy), 0) AS d_rho,
        direct_size / nullif(total_size, 0) AS direct_share
    FROM summed
)
SELECT
    $step_key AS step_key,
    criterion,
    $source_sae AS source_sae,
    $source_layer AS source_layer,
    $target_sae AS target_sae,
    $target_layer AS target_layer,
    n_pairs,
    coalesce(n_total, 0) AS n_total,
    coalesce(n_direct, 0) AS n_direct,
    coalesce(n_both, 0) AS n_both,
    d_rho,
    direct_share
FROM compared
CROSS JOIN rules
LEFT JOIN counted USING (criterion)
