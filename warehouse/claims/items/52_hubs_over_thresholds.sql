-- kind: Hubs
-- question: Are the hubs the same whatever thresholds are chosen?
-- claim: These features are the hubs.
-- level: intervention-consistent
-- rule: P5
-- needs: threshold_sweep
-- next: Name hubs that stay among the first at all thresholds of table threshold_sweep, or trace more cells.
--
-- In four of five settings, sixteen of the twenty strongest hubs remain. Agreement is that of cells with an effect.
SELECT
    run_id,
    effect || ', ' || source_sae AS part,
    count(*) FILTER (n_edges > 0) >= 5 AND any_value(n_features) >= 40 AS sound,
    avg((top20_overlap >= 16)::INTEGER) FILTER (n_edges > 0) >= 0.8 AS passed,
    avg((top20_overlap >= 16)::INTEGER) FILTER (n_edges > 0) AS observed,
    0.8 AS bound,
    format('sixteen of the twenty remain in {} of {} settings (fewest: {})',
        count(*) FILTER (n_edges > 0 AND top20_overlap >= 16), count(*) FILTER (n_edges > 0), min(top20_overlap)) AS why
FROM threshold_sweep
WHERE criterion IS NULL AND NOT (effect_min = 0.5 AND consistency_min = 0.7)
GROUP BY run_id, effect, source_sae
