-- How did the model's loss and accuracy go while it was trained?
-- Columns: model_id, metric, split, step, value
SELECT model_id, metric, split, step, value
FROM model_metric
WHERE run_id = $run_id
ORDER BY model_id, metric, split, step
