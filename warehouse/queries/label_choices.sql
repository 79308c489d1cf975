-- Against which labels of cells were features held, column by column, how many features mark each, and in how many cells?
-- Columns: obs_column, label, n_features, n_cells
WITH cell_types AS (  -- the column that cells.label names: table feature_cell_type is the one to ask about it
    SELECT coalesce(study_json::JSON ->> '$.cells.label', 'cell_type') AS label_column FROM run WHERE run_id = $run_id
),
tested AS (
    SELECT 0 AS place, 'cell type' AS obs_column, cell_type AS label, coalesce(called, significant) AS marks, n_cells
    FROM feature_cell_type
    WHERE run_id = $run_id
    UNION ALL
    SELECT 1, obs_column, label, significant, n_cells
    FROM feature_label
    WHERE run_id = $run_id AND NOT conditional AND obs_column NOT IN (SELECT label_column FROM cell_types)
)
SELECT obs_column, label, count(*) FILTER (marks) AS n_features, max(n_cells) AS n_cells
FROM tested
GROUP BY place, obs_column, label
ORDER BY place, obs_column, n_features DESC, label
