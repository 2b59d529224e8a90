"""A method's strategy, suited to what the network reads: the methods' own numbers were measured on pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from headstart.core.strategy import Rule, Strategy
from headstart.methods import METHODS
from headstart.methods.for_boxes import for_boxes
from headstart.methods.for_masks import for_masks
from headstart.methods.method import Situation, epochs_for

SMALL_NETWORK = 60_000_000
"""Weights up to which the higher rate was measured (22 million); published recipes for larger ones use 2e-5 to 5e-5.
Thousands of texts, `full`, right on others of the same file (`python -m benchmarks.text_rates`, one draw each): SST-2
86.2 % with 5e-5, 87.4 with 2e-4, 87.6 with 4e-4; TREC-6 92.0, 93.5 and 93.9 %."""
TINY_NETWORK = 5_000_000
"""Weights up to which rates are higher still. `starter/zh-char`, 789 reviews, `full`: right on 83.0 % of 1,500 others
with 5e-4, on 83.7 % with 1e-3, on 82.3 % with 3e-4 and 4 epochs; 7,200 reviews, on 86.5 % of 2,400 with 5e-4, on 80.4 %
with 5e-5 (`python -m benchmarks.text_rates`); `lp-ft` 82.9 % with 5e-4, 80.7 % with 2e-4. Entities
of 400 Chinese resumes' sentences: 49.9 % F1 with 5e-4, 37.2 % with 2e-4 (one seed each)."""
FEW = 5000
"""Texts up to which the network is trained longer, in smaller batches. IMDb, 600 texts, all windows averaged: 86.8 %
with 2e-4 and 6 epochs, 85.3 % with 5e-5 and 3."""
LAYER_DECAY = 0.8
HEAD_FACTOR = 10
"""Of the rate of a fresh head to that of the body, as for pictures."""
STEPS = 200
"""The 6 epochs of that measurement are 228 steps."""
SCRATCH_RATE = 5e-4
SCRATCH_STEPS, SCRATCH_EPOCHS = 400, 8
"""At least. Texts are learnt by heart soon: from scratch, 789 reviews, a BERT of 1.4 million weights was right on
77.7 % of 1,500 others after 24 epochs, on 79.5 % after 6 with a quicker head and smoothed labels. A quicker head does
nothing for `starter/zh-char`'s kind: 79.1 % either way."""
WORD_STEPS, WORD_EPOCHS = 1500, 20
"""The same for words."""
MANY_SENTENCES = 20_000
"""Texts up to which words are learnt in the batches and for the epochs of few texts."""
FRESH = ("full", "gradual", "l2-sp")
"""Methods whose head starts fresh and whose whole body moves."""


def strategy_for(method: str, situation: Situation) -> Strategy:
    """The defaults of a method for this situation."""
    suits = SUITED[situation.task if situation.task in SUITED else situation.card.modality]
    return suits(METHODS[method]().strategy(situation), situation)


def _as_it_is(strategy: Strategy, situation: Situation) -> Strategy:
    del situation
    return strategy


def _for_texts(strategy: Strategy, situation: Situation) -> Strategy:
    """AdamW with warm-up and a cosine, one window of a long text at a time, lower layers slower."""
    if strategy.solver != "gradient" or strategy.contrast is not None:  # which was measured on texts
        return strategy
    few = situation.items < FEW
    batch_size = 16 if few else 32
    body = text_rate(situation)
    changes: dict[str, object] = {
        "batch_size": batch_size,
        "epochs": epochs_for(situation, batch_size=batch_size, steps=STEPS, least=6 if few else 3, most=40),
        "label_smoothing": 0.0,
        "train_size": None,
        "flips": False,
    }
    if strategy.method in FRESH:
        head, rest = Rule(pattern="head.*", learning_rate=HEAD_FACTOR * body), Rule(pattern="*", learning_rate=body)
        changes |= {"rules": (head, rest), "layer_decay": LAYER_DECAY}
    elif strategy.method == "lp-ft":
        changes |= {"rules": (Rule(pattern="*", learning_rate=body),), "layer_decay": LAYER_DECAY}
    elif strategy.method == "scratch":
        changes |= {
            "rules": (Rule(pattern="*", learning_rate=SCRATCH_RATE),),
            "warm_up": 0.1,
            "epochs": epochs_for(situation, batch_size=batch_size, steps=SCRATCH_STEPS, least=SCRATCH_EPOCHS, most=100),
            "label_smoothing": 0.1,
            "early_stopping": True,
        }
    return strategy.model_copy(update=changes)


def text_rate(situation: Situation) -> float:
    """The rate of an encoder's last layer."""
    weights = situation.card.parameters or SMALL_NETWORK
    if weights >= SMALL_NETWORK:
        return 5e-5
    return 2e-4 if weights > TINY_NETWORK else 5e-4


def _for_tokens(strategy: Strategy, situation: Situation) -> Strategy:
    """As for few texts: sentences are short. A probe is trained by steps, since its rows are words."""
    if situation.items < MANY_SENTENCES:
        situation = replace(situation, items=min(situation.items, FEW - 1))
    suited = _for_texts(strategy.model_copy(update={"solver": "gradient"}), situation)
    changes: dict[str, object] = {"augmentation": "none"}
    if strategy.method == "scratch":  # that words are learnt by heart as soon as reviews is not measured
        batch_size = suited.batch_size or 32
        longer = epochs_for(situation, batch_size=batch_size, steps=WORD_STEPS, least=WORD_EPOCHS, most=100)
        changes |= {"epochs": longer, "label_smoothing": 0.0, "early_stopping": False}
    return suited.model_copy(update=changes)


SUITED: dict[str, Callable[[Strategy, Situation], Strategy]] = {
    "image": _as_it_is,
    "text": _for_texts,
    "semantic-segmentation": for_masks,
    "token-classification": _for_tokens,
    "object-detection": for_boxes,
}
"""By the name of the task where that has its own way, else by what the items are."""
