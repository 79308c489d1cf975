-- Which kinds of domains does a run have, and how many edges join two features with one?
-- Columns: kind, effect, criterion, n_edges, n_both, n_domains
SELECT
    kind, effect, criterion, sum(n_edges)::BIGINT AS n_edges, sum(n_both)::BIGINT AS n_both,
    (
        SELECT count(DISTINCT domain) FROM feature_domain
        WHERE feature_domain.run_id = $run_id AND feature_domain.kind = domain_coverage.kind
    ) AS n_domains
FROM domain_coverage
WHERE run_id = $run_id
GROUP BY kind, effect, criterion
ORDER BY list_position(['term', 'cell_type', 'module'], kind), effect, criterion
