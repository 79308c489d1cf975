-- How many tested pairs of features, of sources up to a number, have which effect and which p? Effects in steps of 0.25, -log10 p in steps of 0.25.
-- Columns: g, log_p, n_tests
SELECT
    round(least(greatest(g, -5), 5) * 4) / 4 AS g,
    round(least(-log10(greatest(p, 1e-30)), 30) * 4) / 4 AS log_p, count(*) AS n_tests
FROM edge_stat
WHERE run_id = $run_id AND effect = $effect AND source_sae = $source_sae
    AND source_feature <= $last_source AND p IS NOT NULL AND g IS NOT NULL
GROUP BY ALL
ORDER BY g, log_p
