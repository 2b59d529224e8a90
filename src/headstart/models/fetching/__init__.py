"""Hubs and their caches: what is there already, and fetching what is not."""
