-- How many tested pairs of features, of sources up to a number, have which p, in stretches of 0.05?
-- Columns: low, n_tests
SELECT least(floor(p * 20), 19) / 20 AS low, count(*) AS n_tests
FROM edge_stat
WHERE run_id = $run_id AND effect = $effect AND source_sae = $source_sae
    AND source_feature <= $last_source AND p IS NOT NULL
GROUP BY low
ORDER BY low
