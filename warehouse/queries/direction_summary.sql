-- How often do genes move after a knock-down as circuits say, beside unbalanced signs and usual directions?
-- Columns: line, rule, subset, n_perturbations, n_pairs, accuracy, baseline, excess, low, high, usual, over_usual, over_usual_low, over_usual_high, odds_ratio, odds_low, odds_high, rho, n_draws, reason
SELECT
    line, rule, subset, n_perturbations, n_pairs, accuracy, baseline, excess, low, high, usual, over_usual,
    over_usual_low, over_usual_high, odds_ratio, odds_low, odds_high, rho, n_draws, reason
FROM validation_summary
WHERE run_id = $run_id
ORDER BY line, rule, subset
