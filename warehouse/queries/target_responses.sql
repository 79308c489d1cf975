-- How many edges reach each target beside how much it answers to any displacement? rho is Spearman's, of all targets.
-- Columns: sae_id, layer, feature, degree, mean_abs_response, share_moved, residual, top_genes, label, rho
WITH found AS (
    SELECT
        target_response.*,
        rank() OVER (ORDER BY degree) + (count(*) OVER (PARTITION BY degree) - 1) / 2 AS degree_rank,
        rank() OVER (ORDER BY mean_abs_response)
            + (count(*) OVER (PARTITION BY mean_abs_response) - 1) / 2 AS response_rank
    FROM target_response
    WHERE run_id = $run_id AND source_sae = $source_sae AND criterion = $criterion
),
correlated AS (
    SELECT
        CASE
            WHEN count(DISTINCT degree) > 1 AND count(DISTINCT mean_abs_response) > 1
            THEN corr(degree_rank, response_rank)
        END AS rho
    FROM found
)
SELECT
    feature.sae_id, feature.layer, feature.feature, found.degree, found.mean_abs_response, found.share_moved,
    found.residual, feature.top_genes, feature.label, correlated.rho
FROM found
JOIN feature ON feature.run_id = found.run_id AND feature.sae_id = found.target_sae AND feature.feature = found.target_feature
CROSS JOIN correlated
ORDER BY found.residual DESC NULLS LAST, found.degree DESC, feature.sae_id, feature.feature
