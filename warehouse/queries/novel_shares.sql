-- Which share of the edges between different domains has no known link, beside exchanged targets?
-- Columns: rule, n_pairs, n_novel_pairs, n_edges, n_novel_edges, share, expected_share, sd, p, n_null
SELECT rule, n_pairs, n_novel_pairs, n_edges, n_novel_edges, share, expected_share, sd, p, n_null
FROM novel_share
WHERE run_id = $run_id AND kind = $kind
ORDER BY list_position(['default', 'published'], rule)
