-- How much is in a run: cells, genes, features, edges by rule, checks?
-- Columns: n_cells, n_dropped, n_genes, n_saes, n_features, n_alive, n_annotated, n_published, n_calibrated, n_specific, n_checks, n_failed
WITH cells AS (
    SELECT count(*) FILTER (chosen) AS n_cells, count(*) FILTER (NOT chosen) AS n_dropped
    FROM cell
    WHERE run_id = $run_id
),
genes AS (
    SELECT count(*) FILTER (token_id IS NOT NULL OR imported) AS n_genes
    FROM gene
    JOIN run USING (run_id)
    WHERE run_id = $run_id
),
features AS (
    SELECT
        count(DISTINCT sae_id) AS n_saes,
        count(*) AS n_features,
        count(*) FILTER (alive) AS n_alive,
        count(label) AS n_annotated
    FROM feature
    WHERE run_id = $run_id
),
edges AS (
    SELECT
        coalesce(sum(degree) FILTER (criterion = 'published'), 0)::BIGINT AS n_published,
        coalesce(sum(degree) FILTER (criterion = 'calibrated'), 0)::BIGINT AS n_calibrated,
        (sum(degree) FILTER (criterion = 'specific'))::BIGINT AS n_specific
    FROM feature_degree
    WHERE run_id = $run_id AND direction = 'out' AND effect = 'total'
),
checks AS (  -- one passes if it passes on the rows of every step
    SELECT count(*) AS n_checks, count(*) FILTER (NOT success) AS n_failed
    FROM (
        SELECT table_name, check_name, bool_and(success) AS success
        FROM quality_result
        WHERE run_id = $run_id
        GROUP BY ALL
    )
)
SELECT
    n_cells, n_dropped, n_genes, n_saes, n_features, n_alive, n_annotated, n_published, n_calibrated, n_specific, n_checks, n_failed
FROM cells, genes, features, edges, checks
