-- Which domains do edges join beyond chance that no reference of the study is known to link?
-- Columns: rule, source_domain, target_domain, n_edges, expected, q, p_any, n_shared, expected_shared, q_shared, q_joined
SELECT
    rule, source_domain, target_domain, n_edges, expected, q, p_any, n_shared, expected_shared, q_shared, q_joined
FROM novel_pair
WHERE run_id = $run_id AND kind = $kind
ORDER BY list_position(['default', 'published'], rule), q, p_any, source_domain, target_domain
LIMIT $n_rows
