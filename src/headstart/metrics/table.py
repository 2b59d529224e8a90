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
