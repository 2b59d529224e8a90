"""Methods: what a strategy is called -> which parameters move, and how fast."""

from __future__ import annotations

from headstart.core.table import Table
from headstart.methods.method import Method

METHODS: Table[type[Method]] = Table(
    "method",
    {
        "linear-probe": "headstart.methods.linear_probe:LinearProbe",
        "lp-ft": "headstart.methods.lp_ft:LpFt",
        "contrastive": "headstart.methods.contrastive:Contrastive",
        "full": "headstart.methods.full:Full",
        "gradual": "headstart.methods.gradual:Gradual",
        "l2-sp": "headstart.methods.l2_sp:L2Sp",
        "lora": "headstart.methods.lora:Lora",
        "norm-only": "headstart.methods.norm_only:NormOnly",
        "scratch": "headstart.methods.scratch:Scratch",
    },
)
