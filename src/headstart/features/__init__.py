"""The feature cache, the pass that fills it, and the linear probe that is solved on it."""
