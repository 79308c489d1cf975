SET memory_limit = ${size}
