-- What is known of every cell of the input files, a row per cell and column: what the run measured (origin run), of chosen
-- and dropped cells, and the obs columns that the study names (origin obs), which are kept of chosen cells alone.
CREATE OR REPLACE VIEW cell_value AS
WITH measured AS (
    SELECT
        run_id, cell_id, label, source,
        n_counts::DOUBLE AS counts, n_genes::DOUBLE AS genes, n_tokens::DOUBLE AS tokens, known_share::DOUBLE AS known
    FROM cell
)
SELECT run_id, cell_id, 'run' AS origin, 'cell type' AS key, 'category' AS kind, label AS value, NULL::DOUBLE AS number
FROM measured
UNION ALL
SELECT run_id, cell_id, 'run', 'file', 'category', source, NULL
FROM measured
UNION ALL
SELECT run_id, cell_id, 'run', 'total counts', 'number', NULL, counts
FROM measured
UNION ALL
SELECT run_id, cell_id, 'run', 'genes with counts', 'number', NULL, genes
FROM measured
UNION ALL
SELECT run_id, cell_id, 'run', 'tokens', 'number', NULL, tokens
FROM measured
UNION ALL
SELECT run_id, cell_id, 'run', 'share of counts of known genes', 'number', NULL, known
FROM measured
UNION ALL
SELECT run_id, cell_id, 'obs', key, kind, value, number
FROM cell_obs;
COMMENT ON VIEW cell_value IS 'What is known of every cell of the input files, a row per cell and column: what the run measured (origin run), also of dropped cells, and the obs columns that the study names (origin obs), of chosen cells alone.';
