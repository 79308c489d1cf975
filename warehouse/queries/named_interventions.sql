-- What did named interventions change on average, and what did their controls change?
-- Columns: intervention, sae_id, changes, readout, item, mean, sd, n_cells, p, q, beyond, random_direction, covariance_matched, frequency_matched
SELECT
    intervention, sae_id, changes, readout, item,
    any_value(mean) FILTER (treatment = 'real') AS mean,
    any_value(sd) FILTER (treatment = 'real') AS sd,
    any_value(n_cells) FILTER (treatment = 'real') AS n_cells,
    any_value(p) FILTER (treatment = 'real') AS p,
    any_value(q) FILTER (treatment = 'real') AS q,
    any_value(beyond) FILTER (treatment = 'real') AS beyond,
    any_value(mean) FILTER (treatment = 'random_direction') AS random_direction,
    any_value(mean) FILTER (treatment = 'covariance_matched') AS covariance_matched,
    any_value(mean) FILTER (treatment = 'frequency_matched') AS frequency_matched
FROM intervention_summary
JOIN (
    SELECT
        intervention,
        any_value(sae_id) AS sae_id,
        string_agg(format('F{} {} {:g}', feature, kind, amount), ', ' ORDER BY feature) AS changes
    FROM intervention
    WHERE run_id = $run_id
    GROUP BY intervention
) USING (intervention)
WHERE run_id = $run_id
GROUP BY ALL
ORDER BY intervention, readout, item
