"""Networks of Keras 3 on torch."""
