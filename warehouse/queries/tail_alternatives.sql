-- Which other laws fit the tail of the degrees, and better than a power law?
-- Columns: what, rule, family, parameter_1, parameter_2, log_likelihood, test, statistic, p, favoured
SELECT what, rule, family, parameter_1, parameter_2, log_likelihood, test, statistic, p, favoured
FROM tail_alternative
WHERE run_id = $run_id
    AND sae_id = $sae_id
ORDER BY what DESC, rule, family
