-- By which features is a label of the cells told best, n_rows of them; for label NULL, by which is each label of the column?
-- Columns: label, sae_id, layer, feature, auroc, auroc_low, marks
WITH tested AS (
    SELECT run_id, sae_id, feature, label, auroc, auroc_low, q, marks
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $obs_column AND ($label IS NULL OR label = $label)
),
ranked AS (
    SELECT
        tested.label, sae_id, layer, feature, auroc, auroc_low, marks,
        row_number() OVER (
            PARTITION BY tested.label
            ORDER BY marks DESC, coalesce(auroc_low, auroc) DESC NULLS LAST, q, layer, sae_id, feature
        ) AS place
    FROM tested
    JOIN feature USING (run_id, sae_id, feature)
    WHERE alive
)
SELECT label, sae_id, layer, feature, auroc, auroc_low, marks
FROM ranked
WHERE place <= $n_rows
ORDER BY label, place
