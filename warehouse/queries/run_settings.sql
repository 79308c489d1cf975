-- With which settings, code and machine was a run made?
-- Columns: study_json, study_sha, code_version, versions, hardware
SELECT study_json, study_sha, code_version, versions, hardware
FROM run
WHERE run_id = $run_id
