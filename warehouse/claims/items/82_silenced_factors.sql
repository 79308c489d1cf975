-- kind: Interventions as published
-- question: Could a specific response to a silenced factor have been found?
-- claim: Few factors have features of their own.
-- level: intervention-consistent
-- rule: P6
-- of: imports
-- needs: perturbation_summary, perturbation_target
-- next: Count the factors that could be tested, and plant a response of known size.
--
-- A factor can be tested if features respond and targets of it are known.
WITH testable AS (
    SELECT run_id, sae_id, count(*) FILTER (is_tf AND n_responding >= 3 AND n_known_targets >= 5) AS n
    FROM perturbation_target
    GROUP BY ALL
)
SELECT
    run_id,
    sae_id AS part,
    false AS sound,
    NULL AS passed,
    n_specific_tfs AS observed,
    n AS bound,
    format('{} of {} factors have a specific feature; {} could have had one, and no response was planted',
        n_specific_tfs, n_tfs, n) AS why
FROM perturbation_summary
JOIN testable USING (run_id, sae_id)
