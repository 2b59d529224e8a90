"""A linear probe as a practised person writes it by hand: PIL, a plain loop, scikit-learn, a saved file.

Run as `python -m benchmarks.plain_probe PHOTOS MODEL_FOLDER`; PHOTOS holds a sub-folder a class.
"""

from __future__ import annotations

import sys

import joblib
import numpy as np
import timm
import torch
from PIL import Image
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder


def main(photos: str, folder: str) -> None:
    """Features in batches of 32, five-fold cross-validated strength, one saved file."""
    model = timm.create_model(f"local-dir:{folder}", pretrained=True, num_classes=0).eval()
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model), is_training=False)
    images = ImageFolder(photos, transform, loader=lambda path: Image.open(path).convert("RGB"))
    features, labels = [], []
    with torch.inference_mode():
        for inputs, targets in DataLoader(images, batch_size=32):
            features.append(model(inputs).numpy())
            labels.append(targets.numpy())
    x, y = np.concatenate(features), np.concatenate(labels)
    probe = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=[0.001, 0.01, 0.1, 1.0], cv=5, max_iter=1000))
    joblib.dump(probe.fit(x, y), f"{photos}.joblib")


if __name__ == "__main__":
    main(*sys.argv[1:])
