"""The tables, one TOML file each. Steps and warehouse agree through this package alone; it imports only pydantic."""
