-- Are autoencoders of all sources, or of another source, better than a source's own on its held-out cells?
-- Columns: metric, source, cohort, own_mean, cohort_mean, mean, low, high, p, q, n_seeds, reason
SELECT metric, source, cohort, own_mean, cohort_mean, mean, low, high, p, q, n_seeds, reason
FROM cohort_contrast
WHERE run_id = $run_id AND layer = $layer
ORDER BY metric DESC, source, cohort <> 'pooled', cohort
