-- How many features answer what was switched off in cells, by layer, beside control cells that stand for perturbed ones?
-- Columns: sae_id, layer, n_perturbations, n_tests, n_answering, n_mock, n_mock_tests, mock_rate, n_mock_answering, n_factors, n_specific_factors, expected_specific, p_specific, reason
SELECT
    sae_id, layer, n_perturbations, n_tests, n_answering, n_mock, n_mock_tests, mock_rate, n_mock_answering, n_factors,
    n_specific_factors, expected_specific, p_specific, reason
FROM answer_summary
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
ORDER BY layer, sae_id
