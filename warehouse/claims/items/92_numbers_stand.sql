-- kind: Published numbers
-- question: Do the published numbers still stand?
-- claim: What was published about the atlas can be quoted.
-- level: none
-- rule: P10
-- of: imports
-- needs: published_value
-- next: Quote a number with its standing (table published_value), or compute it in a study with its chance level.
--
SELECT
    run_id,
    quantity AS part,
    bool_and(standing IN ('stands', 'corrected', 'retracted', 'confounded')) AS sound,
    bool_and(standing = 'stands') AS passed,
    count(*) FILTER (standing IS DISTINCT FROM 'stands') AS observed,
    0 AS bound,
    coalesce(any_value(replace(standing, '_', ' ')) || ' (' || any_value(standing_source) || ')', 'nothing is known')
        AS why
FROM published_value
GROUP BY run_id, quantity
