-- Which labels of cells do features mark, column by column, and how many features each?
-- Columns: marks_column, marks_label, n_features
WITH cell_types AS (  -- the column that cells.label names: table feature_cell_type is the one to ask about it
    SELECT coalesce(study_json::JSON ->> '$.cells.label', 'cell_type') AS label_column FROM run WHERE run_id = $run_id
),
marked AS (
    SELECT 0 AS place, 'cell type' AS marks_column, cell_type AS marks_label, sae_id, feature
    FROM feature_cell_type
    WHERE run_id = $run_id AND coalesce(called, significant)
    UNION ALL
    SELECT 1, obs_column, label, sae_id, feature
    FROM feature_label
    WHERE run_id = $run_id AND significant AND NOT conditional AND obs_column NOT IN (SELECT label_column FROM cell_types)
)
SELECT
    marks_column, marks_label,
    count(*) FILTER (WHERE sae_id = coalesce($sae_id, sae_id)) AS n_features
FROM marked
GROUP BY place, marks_column, marks_label
ORDER BY place, marks_column, marks_label
