"""The scales and shifts of the normalisation layers, and the head: a few thousand numbers for the whole body."""

from __future__ import annotations

from headstart.core.strategy import Rule, Strategy
from headstart.methods.lp_ft import RATE
from headstart.methods.method import Situation, epochs_for

STEPS = 300


class NormOnly:
    """Fine-tuning of what the normalisation layers multiply by and add, starting from the probe's head.

    The affine parameters of batch norm alone can learn much (Frankle, Schwab and Morcos 2021): a common choice for far
    data with few items, not measured here. The statistics stay those of the pretraining.
    """

    name = "norm-only"
    pretrained = True

    def strategy(self, situation: Situation) -> Strategy:
        """AdamW at 1e-3, as for other small updates, and at `lp-ft`'s rate for the head that comes from the probe.

        No weight decay, which would change what a layer computes.
        """
        batch_size = 32 if situation.items >= 256 else 16
        return Strategy(
            method=self.name,
            rules=(
                Rule(pattern="head.*", learning_rate=RATE),
                Rule(pattern="backbone.*", learning_rate=1e-3, only="normalisation"),
                Rule(pattern="backbone.*"),
            ),
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
