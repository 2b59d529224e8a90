"""Records, errors and tables that every other part stands on. Nothing here imports torch when it is imported."""
