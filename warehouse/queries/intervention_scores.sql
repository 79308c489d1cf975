-- How well do scores of named interventions tell their label in cells that they did not learn from, and which genes do they read?
-- Columns: score, readout, metric, value, sd, null_mean, null_high, unit, n_folds, n_cells, n_of_label, n_others, genes, against
SELECT
    score, readout, metric, value, sd, null_mean, null_high, unit, n_folds, n_cells,
    n_late AS n_of_label,
    n_early AS n_others,
    CASE WHEN readout = 'marker' THEN genes END AS genes,
    CASE WHEN readout = 'marker' THEN against END AS against
FROM intervention_score
LEFT JOIN (
    SELECT
        score,
        string_agg(coalesce(symbol, gene_id), ', ' ORDER BY symbol, gene_id) FILTER (side = 'genes') AS genes,
        string_agg(coalesce(symbol, gene_id), ', ' ORDER BY symbol, gene_id) FILTER (side = 'against') AS against
    FROM intervention_gene
    JOIN gene USING (run_id, gene_id)
    WHERE run_id = $run_id
    GROUP BY score
) USING (score)
WHERE run_id = $run_id
ORDER BY score, readout
