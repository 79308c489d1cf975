-- Which genes do the features that mark a label list, and how many of them would if they were any features of their layers?
-- Columns: symbol, n_features, expected, ratio, n_marking
WITH marking AS (
    SELECT DISTINCT sae_id, feature
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $obs_column AND label = $label AND marks
),
lists AS (  -- of all features with a list, layer by layer
    SELECT sae_id, count(DISTINCT feature) AS n_lists
    FROM feature_gene
    WHERE run_id = $run_id AND coalesce(shown, true) AND sae_id IN (SELECT sae_id FROM marking)
    GROUP BY sae_id
),
marked AS (
    SELECT sae_id, count(*) AS n_marking FROM marking GROUP BY sae_id
),
counted AS (
    SELECT sae_id, symbol, count(*) AS n_all, count(marking.feature) AS n_own
    FROM feature_gene
    LEFT JOIN marking USING (sae_id, feature)
    WHERE run_id = $run_id AND coalesce(shown, true) AND sae_id IN (SELECT sae_id FROM marking)
    GROUP BY ALL
)
SELECT
    symbol, sum(n_own)::BIGINT AS n_features, sum(n_all * n_marking / n_lists) AS expected,
    sum(n_own) / sum(n_all * n_marking / n_lists) AS ratio, (SELECT count(*) FROM marking) AS n_marking
FROM counted
JOIN lists USING (sae_id)
JOIN marked USING (sae_id)
GROUP BY symbol
HAVING sum(n_own) > 0
ORDER BY n_features DESC, ratio DESC, symbol
LIMIT $n_rows
