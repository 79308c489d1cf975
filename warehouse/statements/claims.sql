-- name: create_claim_item
CREATE OR REPLACE VIEW claim_item AS
SELECT *
FROM (VALUES
${rows}
) AS listed (place, item, kind, question, claim, level, rule, needs, next, requires, of_imports, answerable);
COMMENT ON VIEW claim_item IS 'The questions of scfm audit: the claim each is about, the tables it needs, what to run next.';

-- name: create_claim_gate
CREATE OR REPLACE VIEW claim_gate AS
${gates};
COMMENT ON VIEW claim_gate IS 'The numbers behind scfm audit, by run, question and part of the claim, such as a layer.';

-- name: claim_gate_of
SELECT
    run_id,
    ${item} AS item,
    part::VARCHAR AS part,
    coalesce(sound, false) AS sound,
    passed::BOOLEAN AS passed,
    observed::DOUBLE AS observed,
    bound::DOUBLE AS bound,
    why::VARCHAR AS why
FROM (
${query}
)

-- name: claim_run
SELECT run_id
FROM run
WHERE $$run_id IS NULL OR run_id = $$run_id
ORDER BY imported, finished DESC, run_id
LIMIT 1

-- name: claims_of_run
SELECT item, kind, verdict, question, claim, level, rule, because, next, n_parts, n_passed
FROM claim_verdict
WHERE run_id = $$run_id
ORDER BY place

-- name: gates_of_run
SELECT item, part, sound, passed, observed, bound, why
FROM claim_gate
JOIN claim_item USING (item)
WHERE run_id = $$run_id
ORDER BY place, part
