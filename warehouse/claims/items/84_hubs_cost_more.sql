-- kind: Interventions
-- question: Do hubs cost the model more than features that fire as often?
-- claim: The model needs its hubs.
-- level: intervention-consistent
-- rule: P3
-- needs: damage_test
-- next: Run step damage with more features (`damage.n_features`) and a caliper that leaves most hubs a match.
--
-- Every comparison that takes account of frequency must say so: hubs beside their matches, and degree beside cost.
SELECT
    run_id,
    effect || ', ' || sae_id AS part,
    min(n_first) >= 6 AS sound,
    bool_and(q <= 0.05 AND statistic > 0) AS passed,
    max(q) AS observed,
    0.05 AS bound,
    string_agg(
        CASE test
            WHEN 'hub_matched' THEN format('hubs cost {:.2g} more than their matches (q {:.2g})', statistic, q)
            ELSE format('rank correlation of degree and cost {:.2f} given frequency (q {:.2g})', statistic, q)
        END,
        '; ' ORDER BY test DESC
    ) AS why
FROM damage_test
WHERE rule = 'same_cells' AND test IN ('hub_matched', 'degree_given')
GROUP BY run_id, effect, sae_id
