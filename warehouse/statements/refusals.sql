SELECT run_id, study, first_failure FROM refused_run ORDER BY refused DESC, run_id
