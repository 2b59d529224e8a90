"""The only code that updates weights by steps: one loop."""
