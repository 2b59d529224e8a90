"""The metrics of an evaluation, in the order in which they are shown: one more is one file and one line here."""

from __future__ import annotations

from headstart.core.table import Table
from headstart.metrics.metric import Metric

METRICS: Table[Metric] = Table(
    "metric",
    {
        "accuracy": "headstart.metrics.classification:ACCURACY",
        "balanced_accuracy": "headstart.metrics.classification:BALANCED_ACCURACY",
        "macro_f1": "headstart.metrics.classification:MACRO_F1",
        "micro_f1": "headstart.metrics.classification:MICRO_F1",
        "auroc": "headstart.metrics.ranking:AUROC",
        "average_precision": "headstart.metrics.ranking:AVERAGE_PRECISION",
        "sensitivity": "headstart.metrics.classification:SENSITIVITY",
        "specificity": "headstart.metrics.classification:SPECIFICITY",
        "hamming_loss": "headstart.metrics.classification:HAMMING_LOSS",
        "log_loss": "headstart.metrics.classification:LOG_LOSS",
        "calibration_error": "headstart.metrics.calibration:CALIBRATION_ERROR",
    },
)

STRUCTURED_TITLES = {
    "mAP": "mAP@[.5:.95]",
    "mAP50": "mAP50",
    "mean_iou": "mean IoU",
    "pixel_accuracy": "pixel accuracy",
    "entity_f1": "entity F1",
    "entity_precision": "entity precision",
    "entity_recall": "entity recall",
}
"""Metrics of tasks whose targets are more than labels: those tasks compute them."""


def title_of(name: str) -> str:
    """How people know a metric."""
    return METRICS[name].title if name in METRICS else STRUCTURED_TITLES.get(name, name.replace("_", " "))
