-- kind: Published numbers
-- question: Do the imported files say what was published about them?
-- claim: The import is the published atlas.
-- level: none
-- rule: P10
-- of: imports
-- needs: parity
-- next: Look at the page Runs and quality, tab Parity.
--
SELECT
    run_id,
    'all numbers' AS part,
    count(*) FILTER (state IN ('agrees', 'differs')) > 0 AS sound,
    count(*) FILTER (state = 'differs') = 0 AS passed,
    count(*) FILTER (state = 'differs') AS observed,
    0 AS bound,
    format('{} agree, {} differ, {} have no counterpart in the files', count(*) FILTER (state = 'agrees'),
        count(*) FILTER (state = 'differs'), count(*) FILTER (state NOT IN ('agrees', 'differs'))) AS why
FROM parity
GROUP BY run_id
