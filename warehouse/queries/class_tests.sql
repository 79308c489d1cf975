-- Do edges stay within classes of cells more than exchanged targets let them?
-- Columns: class, n_sources, n_targets, n_edges, n_within, share, expected, low, high, p, q, p_exchanged, p_sources, p_edges, reason, obs_column, n_null
SELECT
    class, n_sources, n_targets, n_edges, n_within, share, expected, low, high, p, q, p_exchanged, p_sources, p_edges,
    reason, obs_column, n_null
FROM class_enrichment
WHERE run_id = $run_id
ORDER BY q NULLS LAST, p, class
