SELECT path, sha256 FROM work_unit WHERE run_id = $$run_id
