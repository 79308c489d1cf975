-- How many edges leave (or reach) each feature, beside how often it fires? rho is their Spearman correlation.
-- Columns: sae_id, layer, feature, degree, frequency, top_genes, label, rho
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
described AS (
    SELECT sae_id, layer, feature, degree, frequency, top_genes, label
    FROM degrees
    JOIN feature USING (sae_id, feature)
    WHERE feature.run_id = $run_id
),
ranked AS (
    SELECT
        *,
        rank() OVER (ORDER BY degree) + (count(*) OVER (PARTITION BY degree) - 1) / 2 AS degree_rank,
        rank() OVER (ORDER BY frequency) + (count(*) OVER (PARTITION BY frequency) - 1) / 2 AS frequency_rank
    FROM described
)
SELECT
    sae_id, layer, feature, degree, frequency, top_genes, label,
    CASE
        WHEN count(DISTINCT degree) OVER () > 1 THEN corr(degree_rank, frequency_rank) OVER ()
    END AS rho
FROM ranked
ORDER BY degree DESC, sae_id, feature
