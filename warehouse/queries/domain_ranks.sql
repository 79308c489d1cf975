-- At which domains does the flow along edges end up, beside exchanged targets?
-- Columns: domain, n_in, n_out, pagerank, expected, sd, p, q
SELECT domain, n_in, n_out, pagerank, expected, sd, p, q
FROM domain_centrality
WHERE run_id = $run_id AND kind = $kind
ORDER BY q, p, pagerank DESC, domain
