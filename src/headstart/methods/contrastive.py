"""Few labels: items of a class are drawn together before a head is solved (contrastive few-shot tuning)."""

from __future__ import annotations

from headstart.core.strategy import Contrast, Rule, Strategy
from headstart.methods.method import Situation, epochs_for

ITEMS_A_STEP = 3
LEAST_STEPS = 6
MOST_STEPS = 32
"""One step for every three items, within these: few texts are learnt by heart soon. Development draw 100 of
`benchmarks/text_few_labels.py`, MiniLM, 200 to 250 other texts. After 5, 10 and 20 steps: SST-2, 16 texts, 66.8, 64.4
and 58.0 % (63.6 as pretrained); TREC-6, 48 texts, 79.2, 81.6 and 83.2 % (55). After 4, 8 and 12: SST-2, 32 texts, 69.0,
67.5 and 68.5 % (65.5)."""
WARM_UP = 3
"""Steps in which the rate rises."""
RATE = 1e-4
"""That of those measurements, and the only one that was tried."""
LARGE_RATE = 2e-5
"""For networks of more weights: the usual one of contrastive few-shot tuning (Tunstall et al. 2022), not measured."""
SMALL_NETWORK = 60_000_000
BATCH = 64
TEMPERATURE = 0.1
"""As in the paper. SetFit's loss, squared errors of cosines, over the same pairs was behind in the same draws: after 5
and 10 steps 63.2 and 60.4 % on SST-2, 71.0 and 79.0 % on TREC-6 (this one: 78.5 and 80.0 %)."""
STRENGTH = 1.0
"""scikit-learn's C on features of length one, as in SetFit. TREC-6 after 12 steps: 81.3 %; with C = 0.1 or 10, 80.0 and
81.3 %; on standardised features, as probes have them, 78.7 to 79.3 %."""


class Contrastive:
    """Contrastive few-shot tuning: the network learns which items belong together, then a head is solved.

    As in SetFit (Tunstall et al. 2022, arXiv 2209.11055), but with the supervised contrastive loss (Khosla et al. 2020,
    arXiv 2004.11362): it learns from all pairs of a batch at once, where SetFit passes every pair through the network.
    All known items train, those of the validation part too: of few labels none are to spare.
    """

    name = "contrastive"
    pretrained = True

    def strategy(self, situation: Situation) -> Strategy:
        """AdamW at one rate, a few steps on batches that hold all of few items."""
        steps = min(max(situation.items // ITEMS_A_STEP, LEAST_STEPS), MOST_STEPS)
        small = (situation.card.parameters or SMALL_NETWORK) < SMALL_NETWORK
        return Strategy(
            method=self.name,
            rules=(Rule(pattern="*", learning_rate=RATE if small else LARGE_RATE),),
            contrast=Contrast(temperature=TEMPERATURE),
            strength=STRENGTH,
            optimizer="adamw",
            weight_decay=0.01,
            epochs=epochs_for(situation, batch_size=BATCH, steps=steps, least=1, most=steps),
            batch_size=BATCH,
            schedule="constant",
            warm_up=WARM_UP / steps,
            augmentation="crop",
            normalisation="frozen",
        )
