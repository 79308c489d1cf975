WITH batch AS NOT MATERIALIZED (SELECT * FROM {batch})
SELECT * FROM (
${query}
)
