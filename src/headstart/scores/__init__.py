"""Transferability scores: rows -> how well a model's features suit the task, before any training."""

from __future__ import annotations

from headstart.core.table import Table
from headstart.scores.score import Score

SCORES: Table[Score] = Table(
    "score",
    {
        "logme": "headstart.scores.logme:LOGME",
        "adjusted-hscore": "headstart.scores.adjusted_hscore:ADJUSTED_HSCORE",
        "hscore": "headstart.scores.hscore:HSCORE",
        "ridge": "headstart.scores.ridge:RIDGE",
        "knn": "headstart.scores.knn:KNN",
        "nce": "headstart.scores.nce:NCE",
        "leep": "headstart.scores.leep:LEEP",
        "lda": "headstart.scores.lda:LDA",
        "transrate": "headstart.scores.transrate:TRANSRATE",
        "gbc": "headstart.scores.gbc:GBC",
        "parc": "headstart.scores.parc:PARC",
        "nleep": "headstart.scores.nleep:NLEEP",
        "logistic": "headstart.scores.logistic:LOGISTIC",
    },
)

DEFAULT_SCORES = ("logme", "adjusted-hscore", "ridge", "knn", "nce")
"""What models are ranked with; `docs/scores.md` says why these."""
