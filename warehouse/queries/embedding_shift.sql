-- How far do cells of each group move when features are changed, beside random features and directions?
-- Columns: grouping, member, n_cells, distance, random_low, random_high, direction, covariance, beyond, length
SELECT grouping, member, n_cells, distance, random_low, random_high, direction, covariance, beyond, length
FROM embedding_shift
WHERE run_id = $run_id AND sae_id = $sae_id AND setting = $setting
ORDER BY list_position(['all', 'type', 'batch', 'type in batch'], grouping), member
