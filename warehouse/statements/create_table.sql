CREATE TABLE ${table} (
    ${columns}
);
COMMENT ON TABLE ${table} IS ${meaning};
