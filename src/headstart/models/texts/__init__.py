"""Encoders of texts and what makes tokens of words, whichever library they are from."""
