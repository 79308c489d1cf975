-- How many enrichments of which kind carry which level of claim?
-- Columns: kind, level, n_tested, n_significant, n_features
SELECT
    kind,
    level,
    count(*) AS n_tested,
    count(*) FILTER (significant) AS n_significant,
    count(DISTINCT (sae_id, feature)) FILTER (significant) AS n_features
FROM enrichment
WHERE run_id = $run_id
GROUP BY kind, level
ORDER BY kind, level
