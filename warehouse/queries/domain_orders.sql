-- Of two domains, do more edges run one way than exchanged targets let them?
-- Columns: first, second, n_forward, n_backward, lead, expected_lead, p, q
SELECT first, second, n_forward, n_backward, lead, expected_lead, p, q
FROM domain_order
WHERE run_id = $run_id AND kind = $kind
ORDER BY q, p, abs(lead - expected_lead) DESC, first, second
