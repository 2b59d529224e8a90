"""Networks of torchvision: classifiers, detectors and segmenters."""
