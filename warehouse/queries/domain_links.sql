-- What links two domains besides edges of the model: shared genes, edges of networks, ancestry?
-- Columns: first, second, known, known_published, n_first, n_second, n_shared, expected_shared, q_shared, network, n_joined, expected_joined, q_joined, related, related_reason
SELECT
    first, second, known, known_published, n_first, n_second, n_shared, expected_shared, q_shared, network, n_joined,
    expected_joined, q_joined, related, related_reason
FROM domain_link
WHERE run_id = $run_id AND kind = $kind
ORDER BY NOT known, least(q_shared, coalesce(q_joined, 1)), first, second
LIMIT $n_rows
