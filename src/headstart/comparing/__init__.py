"""Does transfer help: arms with the same data, seeds and time, compared in pairs, and put into a sentence."""

from __future__ import annotations

from headstart.comparing.arm import Arm
from headstart.core.table import Table

ARMS: Table[Arm] = Table(
    "arm",
    {
        "transfer": "headstart.comparing.chosen:ARM",
        "scratch": "headstart.comparing.from_scratch:ARM",
        "random-weights": "headstart.comparing.random_weights:ARM",
        "linear-probe": "headstart.comparing.frozen:ARM",
        "bag-of-words": "headstart.comparing.bag_of_words:ARM",
        "other-models": "headstart.comparing.other_models:ARM",
    },
)
"""In the order in which they are carried out and shown; what is found out in the first can be used by the others."""
