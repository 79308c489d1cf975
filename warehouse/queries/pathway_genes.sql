-- By which of its genes does a gene set label features?
-- Columns: gene, n_features, n_layers
SELECT gene, count(*) AS n_features, count(DISTINCT layer) AS n_layers
FROM (
    SELECT layer, sae_id, feature, unnest(string_split_regex(genes, ', *')) AS gene
    FROM annotation
    JOIN sae USING (run_id, sae_id)
    WHERE run_id = $run_id AND library = $library AND term = $term AND significant
)
GROUP BY gene
ORDER BY n_features DESC, gene
