"""One script per published number. `python -m benchmarks` runs the rows that have no result yet."""
