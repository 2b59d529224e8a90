"""Methods: what a strategy is called -> which parameters move, and how fast."""

from __future__ import annotations

from headstart.core.table import Table
from headstart.methods.method import Method

METHODS: Table[type[Method]] = Table(
    "method",
    {
        "linear-probe": "headstart.methods.linear_probe:LinearProbe",
        "lp-ft": "headstart.methods.lp_ft:LpFt",
        "norm-only": "headstart.methods.norm_only:NormOnly",
        "full": "headstart.methods.full:Full",
        "scratch": "headstart.methods.scratch:Scratch",
    },
)
