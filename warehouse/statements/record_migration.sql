INSERT INTO schema_migration (version, name, sha256, applied) VALUES ($$version, $$name, $$sha256, $$applied);
