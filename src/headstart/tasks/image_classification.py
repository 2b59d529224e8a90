"""Image classification with one label a picture, or any number of them."""

from __future__ import annotations

from headstart.tasks.classification import Classification


class ImageClassification(Classification):
    """A picture has a label, or some."""

    name = "image-classification"
