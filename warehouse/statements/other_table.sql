,
${table} AS NOT MATERIALIZED (${rows})
