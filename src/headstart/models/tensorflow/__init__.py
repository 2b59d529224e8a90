"""SavedModels of TensorFlow, which runs in a process of its own."""
