"""Where models come from: one file a library or place, which is the only one that loads its models."""
