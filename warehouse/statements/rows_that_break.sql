WITH batch AS NOT MATERIALIZED (SELECT * FROM {batch})${others}
SELECT * FROM (
${query}
)
