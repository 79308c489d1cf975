-- How far do AUROC and p of features lie from chance for a label? Of each layer the first so many in an order by hash.
-- Columns: sae_id, feature, auroc, p
WITH tested AS (
    SELECT * EXCLUDE (run_id, obs_column, label)
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $obs_column AND label = $label
)
SELECT sae_id, feature, auroc, p
FROM tested
WHERE auroc <> 0.5 AND p BETWEEN 1e-200 AND 0.999
QUALIFY row_number() OVER (PARTITION BY sae_id ORDER BY hash(feature), feature) <= $n_rows
ORDER BY sae_id, feature
