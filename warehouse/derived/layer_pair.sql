-- What was measured from each autoencoder to each later one, in sums that need no further look at single pairs.
-- Integers are added (units of 2^-40), since a sum of fractions depends on the order in which threads add them.
-- Absent pairs are those that the calibrated rule does not call; near zero is a 95 % interval of g within -0.2 and 0.2.
-- All pairs of five sources an autoencoder are computed again from single cells, zeros included, where cells count alike.
WITH rule AS (
    SELECT effect_min, q_max FROM stored.criterion WHERE step_key = $step_key AND criterion = 'calibrated'
),
sources AS (
    SELECT effect, sae_id AS source_sae, feature AS source_feature
    FROM (
        SELECT DISTINCT effect, sae_id, feature
        FROM stored.feature_degree
        WHERE step_key = $step_key AND direction = 'out' AND degree > 0
    )
    QUALIFY row_number() OVER (PARTITION BY effect, sae_id ORDER BY feature::BIGINT * 7919 % 104729, feature) <= 5
),
changed AS (
    SELECT effect, source_sae, source_feature, target_sae, unnest(targets) AS target_feature,
        unnest(deltas)::DOUBLE AS delta
    FROM (FROM stored.effect_cell WHERE step_key = $step_key)
    SEMI JOIN sources USING (effect, source_sae, source_feature)
),
summed AS (
    SELECT * EXCLUDE (delta), sum((delta * 1099511627776)::HUGEINT) / 1099511627776 AS delta FROM changed GROUP BY ALL
),
again AS (
    SELECT
        effect,
        source_sae,
        target_sae,
        count(*) AS n_recomputed,
        max(abs(mean - coalesce(delta, 0) / n_cells)) AS recomputed_difference,
        max(abs(mean))::DOUBLE AS recomputed_largest
    FROM (FROM stored.edge_stat WHERE step_key = $step_key AND n_units IS NULL)
    SEMI JOIN sources USING (effect, source_sae, source_feature)
    LEFT JOIN summed USING (effect, source_sae, source_feature, target_sae, target_feature)
    GROUP BY ALL
),
pairs AS (
    SELECT *, n_cells > 1 AND NOT (abs(g) > effect_min AND q <= q_max) AS absent
    FROM stored.edge_stat
    LEFT JOIN rule ON true
    WHERE step_key = $step_key
),
counted AS (
    SELECT
        step_key,
        effect,
        source_sae,
        source_layer,
        target_sae,
        target_layer,
        count(*) AS n_pairs,
        count(DISTINCT source_feature)::UINTEGER AS n_sources,
        count(DISTINCT target_feature)::UINTEGER AS n_targets,
        sum((abs(mean::DOUBLE) * 1099511627776)::HUGEINT) / 1099511627776 AS sum_abs_mean,
        count(*) FILTER (absent) AS n_absent,
        count(*) FILTER (absent AND abs(g) + 1.96 * sqrt(1 / n_cells + g * g / (2.0 * n_cells)) <= 0.2) AS n_near_zero,
        coalesce(sum(n_cells) FILTER (absent), 0)::UBIGINT AS absent_cells
    FROM pairs
    GROUP BY ALL
)
SELECT counted.*, coalesce(n_recomputed, 0) AS n_recomputed, recomputed_difference, recomputed_largest
FROM counted
LEFT JOIN again USING (effect, source_sae, target_sae)
