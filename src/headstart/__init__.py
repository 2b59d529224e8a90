"""Headstart: transfer learning from labelled data to a fine-tuned model, with the evidence."""

__version__ = "0.1.0"
