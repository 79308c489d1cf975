-- How many features of each layer list a gene, and how many would if lists held all genes of the run alike?
-- Columns: layer, sae_id, n_features, expected
SELECT
    layer, sae_id,
    count(*) FILTER (WHERE symbol = $symbol) AS n_features,
    count(*) / (SELECT count(*) FROM gene WHERE run_id = $run_id) AS expected
FROM feature_gene
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id AND coalesce(shown, true)
GROUP BY layer, sae_id
ORDER BY layer, sae_id
