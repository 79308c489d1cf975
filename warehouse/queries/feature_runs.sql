-- Which other runs have the same trained autoencoder, and what do they say of a feature?
-- Columns: run_id, study, finished, name, top_cell_type, label, n_calibrated
WITH same AS (  -- by the hash of the weights: names alone could be alike
    SELECT other.run_id
    FROM sae AS own
    JOIN sae AS other ON other.sae_id = own.sae_id AND other.sha256 = own.sha256
    WHERE own.run_id = $run_id AND own.sae_id = $sae_id AND other.run_id <> $run_id
),
degrees AS (
    SELECT run_id, sum(degree)::BIGINT AS n_calibrated
    FROM feature_degree
    JOIN same USING (run_id)
    WHERE sae_id = $sae_id AND feature = $feature::UINTEGER AND direction = 'out' AND effect = 'total'
        AND criterion = 'calibrated'
    GROUP BY ALL
)
SELECT run_id, study, finished, coalesce(name, label) AS name, top_cell_type, label, n_calibrated
FROM feature
JOIN same USING (run_id)
JOIN run USING (run_id)
LEFT JOIN degrees USING (run_id)
WHERE sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY finished DESC, run_id
