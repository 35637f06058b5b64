"""Documents that users write as TOML: read within bounds, each mistake with its place."""
