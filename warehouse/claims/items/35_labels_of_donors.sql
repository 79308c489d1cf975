-- kind: Cell types and labels
-- question: Do features tell labels that whole donors have, such as a disease?
-- claim: Features mark the disease (or age, or treatment) and not the people who have it.
-- level: decoding
-- rule: P4
-- needs: feature_label
-- next: Study six donors or more on either side, with `labels.donor` named.
--
SELECT
    run_id,
    obs_column || ', ' || sae_id AS part,
    max(n_donors) >= 12 AS sound,
    count(*) FILTER (significant) > 0 AS passed,
    count(*) FILTER (significant) AS observed,
    1 AS bound,
    CASE
        WHEN max(n_donors) < 12 THEN format('{} donors in all, of six on either side', max(n_donors))
        ELSE format('{} features of {} donors, counted by donor', count(*) FILTER (significant), max(n_donors))
    END AS why
FROM feature_label
WHERE unit = 'donor' AND NOT conditional
GROUP BY run_id, obs_column, sae_id
