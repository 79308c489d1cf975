-- The rule by which edges of a run are to be read.
CREATE OR REPLACE MACRO rule_of(run) AS (
    SELECT CASE WHEN count(*) > 0 THEN 'specific' ELSE 'calibrated' END
    FROM criterion AS c
    WHERE c.run_id = run AND c.criterion = 'specific'
);
COMMENT ON MACRO rule_of IS 'The rule to read a run''s edges by: specific, or calibrated where no displacements of equal size were measured beside the ablations.';
