-- How many edges leave (or reach) each feature, beside how often it fires and at how many positions it was ablated? Each rho is Spearman's.
-- Columns: sae_id, layer, feature, degree, frequency, n_positions, top_genes, label, rho_frequency, rho_positions
WITH degrees AS (
    SELECT sae_id, feature, sum(degree)::BIGINT AS degree
    FROM feature_degree
    WHERE run_id = $run_id
        AND direction = $direction
        AND effect = $effect
        AND criterion = $criterion
        AND ($sae_id IS NULL OR sae_id = $sae_id)
    GROUP BY ALL
),
ablated AS (
    SELECT source_sae AS sae_id, source_feature AS feature, sum(n_positions)::BIGINT AS n_positions
    FROM trace_pair
    WHERE run_id = $run_id
    GROUP BY ALL
),
described AS (
    SELECT sae_id, layer, feature, degree, frequency, n_positions, top_genes, label, n_positions IS NOT NULL AS is_source
    FROM degrees
    JOIN feature USING (sae_id, feature)
    LEFT JOIN ablated USING (sae_id, feature)
    WHERE feature.run_id = $run_id
),
ranked AS (
    SELECT
        *,
        rank() OVER (ORDER BY degree) + (count(*) OVER (PARTITION BY degree) - 1) / 2 AS degree_rank,
        rank() OVER (ORDER BY frequency) + (count(*) OVER (PARTITION BY frequency) - 1) / 2 AS frequency_rank,
        rank() OVER (PARTITION BY is_source ORDER BY degree)
            + (count(*) OVER (PARTITION BY is_source, degree) - 1) / 2 AS source_degree_rank,
        rank() OVER (PARTITION BY is_source ORDER BY n_positions)
            + (count(*) OVER (PARTITION BY is_source, n_positions) - 1) / 2 AS positions_rank
    FROM described
),
correlated AS (
    SELECT
        CASE
            WHEN count(DISTINCT degree) > 1 AND count(DISTINCT frequency) > 1 THEN corr(degree_rank, frequency_rank)
        END AS rho_frequency,
        CASE
            WHEN count(DISTINCT degree) FILTER (is_source) > 1 AND count(DISTINCT n_positions) > 1
            THEN corr(source_degree_rank, positions_rank) FILTER (is_source)
        END AS rho_positions
    FROM ranked
)
SELECT sae_id, layer, feature, degree, frequency, n_positions, top_genes, label, rho_frequency, rho_positions
FROM ranked
CROSS JOIN correlated
ORDER BY degree DESC, sae_id, feature
