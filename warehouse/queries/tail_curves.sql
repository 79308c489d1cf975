-- What share of features has at least so many edges, as found and by each law that was fitted?
-- Columns: what, x, share, power_law, exponential, lognormal, stretched_exponential, truncated_power_law
SELECT what, x, share, power_law, exponential, lognormal, stretched_exponential, truncated_power_law
FROM tail_curve
WHERE run_id = $run_id
    AND sae_id = $sae_id
ORDER BY what DESC, x
