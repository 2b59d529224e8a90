"""Files of models: which count, whether they can be trusted, what they say, and what travels with a run."""
