-- The newest run computed here, or with from_files := true the newest imported one.
CREATE OR REPLACE MACRO newest_run(from_files := false) AS (
    SELECT r.run_id FROM run AS r WHERE r.imported = from_files ORDER BY r.finished DESC, r.run_id LIMIT 1
);
COMMENT ON MACRO newest_run IS 'The newest run computed here; newest_run(from_files := true): the newest imported one.';
