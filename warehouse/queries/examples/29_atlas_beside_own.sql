-- Published atlas: what share of its features has a gene set, a type or a module, and what share in the newest run made here?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
),
mine AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
)
SELECT published.quantity, value AS in_atlas, own, own_null AS by_chance, own_default, default_null AS default_by_chance
FROM figure AS published
JOIN newest USING (run_id)
LEFT JOIN (FROM figure_comparison SEMI JOIN mine USING (run_id)) AS beside
    ON beside.imported_run = published.run_id
    AND beside.quantity = published.quantity
    AND beside.item = published.item
WHERE published.imported AND published.item = 'all' AND NOT starts_with(published.quantity, 'perturbation')
    AND regexp_matches(published.quantity, 'fraction|coverage')
ORDER BY published.quantity
