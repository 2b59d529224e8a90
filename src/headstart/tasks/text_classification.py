"""Text classification with one label a text or pair of texts, or any number of them."""

from __future__ import annotations

from headstart.tasks.classification import Classification


class TextClassification(Classification):
    """A text, or a pair of texts, has a label, or some."""

    name = "text-classification"
