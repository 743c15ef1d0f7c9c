"""The speed table: every row a ratio or a share of a bound, measured in one run."""
