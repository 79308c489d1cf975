-- How long do the features of the reference layer last, and how much are they annotated?
-- Columns: rule, category, n_features, annotation_rate, mean_annotations
SELECT rule, category, n_features, annotation_rate, mean_annotations
FROM lifecycle
WHERE run_id = $run_id
ORDER BY rule, list_position(['transient', 'moderate', 'persistent'], category)
