-- Do sets of one kind differ from sets of another, with the set as the unit?
-- Columns: target_layer, measure, first, second, n_first, n_second, median_first, median_second, difference, null_sd, p, q, published_odds_ratio, published_p
SELECT
    target_layer, measure, "first", "second", n_first, n_second, median_first, median_second, difference, null_sd, p, q,
    published_odds_ratio, published_p
FROM combination_contrast
WHERE run_id = $run_id
ORDER BY target_layer, measure, "first", "second"
