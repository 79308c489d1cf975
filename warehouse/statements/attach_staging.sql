ATTACH ${path} AS staging (READ_ONLY);
