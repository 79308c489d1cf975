-- How many features of one layer have a strong link to a later one, and how many would by their genes alone?
-- Columns: source_layer, target_layer, rule, n_alive_source, n_with_links, n_highways, highway_low, highway_high, n_highways_by_gene, highway_fraction, mean_max_pmi, median_max_pmi, n_links, upstream_coverage, downstream_coverage
SELECT
    source_layer, target_layer, rule, n_alive_source, n_with_links, n_highways, highway_low, highway_high,
    n_highways_by_gene, n_highways / nullif(n_with_links, 0) AS highway_fraction,
    mean_max_pmi, median_max_pmi, n_links, upstream_coverage, downstream_coverage
FROM cross_layer_summary
WHERE run_id = $run_id
ORDER BY source_layer, target_layer
