-- What each run's tables say of each claim. A part whose numbers can decide and do not pass makes the claim not
-- supported; a part that cannot decide, or a question that must come first and is not answered with supported, leaves
-- it open; without any row it cannot be told. Autoencoders go by their layer in the reasons.
CREATE OR REPLACE VIEW claim_verdict AS
WITH summed AS (
    SELECT
        run_id,
        item,
        count(*) AS n_parts,
        count(*) FILTER (sound AND passed) AS n_passed,
        bool_or(sound AND NOT coalesce(passed, true)) AS failed,
        bool_or(NOT sound OR passed IS NULL) AS open,
        list(said ORDER BY part) FILTER (sound AND NOT passed) AS against,
        list(said ORDER BY part) FILTER (NOT sound OR passed IS NULL) AS unclear,
        list(said ORDER BY part) AS said
    FROM (SELECT *, regexp_replace(part, '\b(L\d+)-[\w-]+', '\1', 'g') || ': ' || why AS said FROM claim_gate)
    GROUP BY run_id, item
),
own AS (
    SELECT
        run.run_id,
        run.imported,
        claim_item.*,
        coalesce(n_parts, 0) AS n_parts,
        coalesce(n_passed, 0) AS n_passed,
        CASE
            WHEN n_parts IS NULL THEN 'cannot be told'
            WHEN failed THEN 'not supported'
            WHEN open THEN 'cannot be told'
            ELSE 'supported'
        END AS verdict,
        CASE WHEN failed THEN against WHEN open THEN unclear ELSE said END AS reasons
    FROM run
    CROSS JOIN claim_item
    LEFT JOIN summed USING (run_id, item)
    WHERE run.imported OR NOT of_imports
),
first AS (
    SELECT
        asked.run_id,
        asked.item,
        string_agg(needed.item || ' is ' || needed.verdict, ', ' ORDER BY needed.item) AS missing
    FROM (SELECT run_id, item, unnest(requires) AS required FROM own) AS asked
    JOIN own AS needed ON needed.run_id = asked.run_id AND needed.item = asked.required
    WHERE needed.verdict <> 'supported'
    GROUP BY ALL
)
SELECT
    own.run_id,
    own.place,
    own.item,
    own.kind,
    own.question,
    own.claim,
    own.level,
    own.rule,
    CASE WHEN missing IS NULL OR n_parts = 0 THEN verdict ELSE 'cannot be told' END AS verdict,
    CASE
        WHEN NOT answerable THEN 'This version of the program does not make ' || needs || '.'
        WHEN n_parts = 0 AND imported THEN 'The published files hold nothing that answers it (' || needs || ').'
        WHEN n_parts = 0 THEN 'The run has no rows that answer it (' || needs || ').'
        ELSE coalesce('Another question comes first: ' || missing || '. ', '')
            || list_aggregate(reasons[:3], 'string_agg', '; ')
            || CASE WHEN len(reasons) > 3 THEN format('; and {} more.', len(reasons) - 3) ELSE '.' END
    END AS because,
    CASE
        WHEN verdict = 'supported' AND missing IS NULL THEN NULL
        WHEN imported AND NOT of_imports THEN 'In a study of your own: ' || own.next
        ELSE own.next
    END AS next,
    n_parts,
    n_passed
FROM own
LEFT JOIN first USING (run_id, item);
COMMENT ON VIEW claim_verdict IS 'What can be claimed of each run: supported, not supported or cannot be told.';
