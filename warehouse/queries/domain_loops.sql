-- How many pairs of domains are joined both ways, and how large is the largest circle, beside exchanged targets?
-- Columns: statistic, observed, expected, sd, p, n_null, members
SELECT
    statistic, observed, expected, sd, p, n_null,
    CASE WHEN statistic = 'largest_component' THEN (
        SELECT string_agg(domain, ', ' ORDER BY domain) FROM domain_scc
        WHERE domain_scc.run_id = $run_id AND domain_scc.kind = $kind AND component = 1
    ) END AS members
FROM domain_loop
WHERE run_id = $run_id AND kind = $kind
ORDER BY list_position(['reciprocal_pairs', 'largest_component'], statistic)
