-- Validation with the level of claim that each row can carry in its run, whether or not it holds. Circuits beside known
-- biology: agreement. Where edges are the features' own, and not of any displacement of that size: consistent with
-- intervention. Where these are direct as well, hold over donors and are found with another seed: mechanism.
CREATE OR REPLACE VIEW validation_level AS
WITH evidence AS (
    SELECT
        run_id,
        bool_or(item IN ('edges_are_specific', 'specific_edges_hold')) AS specific,
        bool_or(item = 'edges_are_direct')
            AND bool_or(item = 'edges_of_other_donors')
            AND bool_or(item = 'features_of_other_seeds') AS repeated
    FROM claim_verdict
    WHERE verdict = 'supported'
    GROUP BY run_id
)
SELECT
    validation.*,
    coalesce(p <= 0.05, false) AS holds,
    CASE
        WHEN specific AND repeated THEN 'mechanism'
        WHEN specific THEN 'intervention-consistent'
        ELSE 'agreement'
    END AS level
FROM validation
LEFT JOIN evidence USING (run_id);
COMMENT ON VIEW validation_level IS 'Validation with the level of claim that each row can carry, and whether it holds.';
