"""Low-rank updates beside frozen weights, merged after the training (LoRA, Hu et al. 2021)."""

from __future__ import annotations

from headstart.core.strategy import Adapter, Rule, Strategy
from headstart.methods.lp_ft import RATE
from headstart.methods.method import Situation, epochs_for

STEPS = 300


class Lora:
    """The body stays frozen but for a thin update of every linear layer and ungrouped convolution; the head trains.

    It starts from the probe's head. What is saved is the ordinary network, with the updates added to its weights.
    """

    name = "lora"
    pretrained = True

    def strategy(self, situation: Situation) -> Strategy:
        """Rank 8, alpha 16, rate 1e-3 with AdamW: common for vision transformers, not measured here.

        The head, which comes from the probe, learns at `lp-ft`'s rate.
        """
        batch_size = 32 if situation.items >= 256 else 16
        return Strategy(
            method=self.name,
            rules=(Rule(pattern="head.*", learning_rate=RATE), Rule(pattern="backbone.*")),
            adapter=Adapter(),
            start="probe",
            optimizer="adamw",
            epochs=epochs_for(situation, batch_size=batch_size, steps=STEPS, least=12, most=80),
            batch_size=batch_size,
            schedule="cosine",
            warm_up=0.1,
            augmentation="crop",
            normalisation="frozen",
            early_stopping=True,
        )
