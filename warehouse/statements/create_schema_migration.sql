CREATE TABLE IF NOT EXISTS schema_migration (
    version USMALLINT NOT NULL,
    name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    applied TIMESTAMP NOT NULL
);
COMMENT ON TABLE schema_migration IS 'Migrations that were applied to this file, with the SHA-256 of their text.';
