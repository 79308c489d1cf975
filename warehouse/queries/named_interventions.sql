-- What did named interventions change on average, and what did their controls change?
-- Columns: intervention, changes, readout, item, mean, sd, n_cells, p, q, beyond, p_shuffled, q_shuffled, random_direction, covariance_matched, frequency_matched, reconstruction
SELECT
    intervention, changes, readout, item,
    any_value(mean) FILTER (treatment = 'real') AS mean,
    any_value(sd) FILTER (treatment = 'real') AS sd,
    any_value(n_cells) FILTER (treatment = 'real') AS n_cells,
    any_value(p) FILTER (treatment = 'real') AS p,
    any_value(q) FILTER (treatment = 'real') AS q,
    any_value(beyond) FILTER (treatment = 'real') AS beyond,
    any_value(p_shuffled) FILTER (treatment = 'real') AS p_shuffled,
    any_value(q_shuffled) FILTER (treatment = 'real') AS q_shuffled,
    any_value(mean) FILTER (treatment = 'random_direction') AS random_direction,
    any_value(mean) FILTER (treatment = 'covariance_matched') AS covariance_matched,
    any_value(mean) FILTER (treatment = 'frequency_matched') AS frequency_matched,
    any_value(mean) FILTER (treatment = 'reconstruction') AS reconstruction
FROM intervention_summary
JOIN (
    SELECT
        intervention,
        string_agg(format('L{} F{} {} {:g}', layer, feature, kind, amount), ', ' ORDER BY layer, feature) AS changes
    FROM intervention
    JOIN (SELECT sae_id, layer FROM sae WHERE run_id = $run_id) AS sae USING (sae_id)
    WHERE run_id = $run_id
    GROUP BY intervention
) USING (intervention)
WHERE run_id = $run_id
GROUP BY ALL
ORDER BY intervention, readout, item
