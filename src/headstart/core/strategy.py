"""How a model is to be trained, as data, and the plan that a run carries out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from headstart.core.card import InputFacts, ModelInput
from headstart.core.record import Record

Augmentation = Literal["none", "flip", "crop", "strong"]
MetricName = Literal[
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "log_loss",
    "auroc",
    "average_precision",
    "sensitivity_at_specificity",
    "mAP",
    "mAP50",
    "mean_iou",
    "pixel_accuracy",
    "entity_f1",
]
STRUCTURED_METRICS: dict[str, tuple[MetricName, ...]] = {
    "object-detection": ("mAP", "mAP50"),
    "semantic-segmentation": ("mean_iou", "pixel_accuracy"),
    "token-classification": ("entity_f1",),
}
"""What may be optimised by tasks whose targets are more than labels; the first is what is optimised unless asked."""


class Rule(Record):
    """The learning rate of every parameter whose full name matches the shell pattern; None is frozen.

    Frozen means weights and batch-norm statistics: the module's buffers are bit-identical afterwards. `only` narrows
    the rule to the scales and shifts of normalisation layers.
    """

    pattern: str
    learning_rate: float | None = Field(default=None, gt=0)
    only: Literal["all", "normalisation"] = "all"


class Adapter(Record):
    """Low-rank updates beside frozen weights (LoRA, Hu et al. 2021), merged into the weights after training.

    The update of a matrix is `alpha / rank` times a product of two thin ones.
    """

    rank: int = Field(default=8, ge=1)
    alpha: float = Field(default=16.0, gt=0)
    learning_rate: float = Field(default=1e-3, gt=0)


class Contrast(Record):
    """The supervised contrastive loss (Khosla et al. 2020) in place of the task's.

    It draws the features of items of a class together and those of others apart, over all pairs of a batch at once;
    the head is solved on the features that come of it. Cosines are divided by `temperature`.
    """

    temperature: float = Field(default=0.1, gt=0)


class Strategy(Record):
    """Everything that decides how weights move.

    `rules` are tried in order and the first match counts; a parameter that no rule covers is an error. `solver` is how
    a linear probe gets its head: in closed form (`ridge`), as the optimum of a convex loss (`logistic`) or by the
    training loop (`gradient`). `strength` is the regularisation of a head that is solved, inverse for `logistic`
    (scikit-learn's C) and direct for `ridge` (lambda); None means cross-validated. `warm_up` is a fraction of the
    steps. `flips` lets an augmentation mirror pictures. `normalisation` says whether batch-norm statistics of trained
    parts follow the new data.

    `start` is where the head begins: freshly initialised, or as the linear probe solved on the frozen features of the
    training part (LP-FT, Kumar et al. 2022). `layer_decay` multiplies the rate once for each layer group between a
    parameter and the head. `thaw` is the share of the steps over which layer groups join the training one after the
    other, from the head downwards (0: all from the start). `anchor` is the weight of half the squared distance of
    the body to its start, added to the loss in place of its weight decay (L2-SP, Li et al. 2018). `mixup` is the
    parameter of the beta distribution that mixed pictures draw their shares from (Zhang et al. 2018; 0: none).
    `average_decay` keeps an exponential average of the weights. `soup` averages the weights of those epochs whose
    average is best on validation data (greedy soup, Wortsman et al. 2022). `train_size` is the side in pixels of
    training pictures where it differs from the plan's input. `steps`, where given, ends the training after so many
    steps and is what the schedule is laid over; `epochs` then only bounds it.
    """

    method: str
    rules: tuple[Rule, ...] = ()
    solver: Literal["logistic", "ridge", "gradient"] = "gradient"
    strength: float | None = Field(default=None, gt=0)
    optimizer: Literal["sgd", "adamw"] = "adamw"
    momentum: float = Field(default=0.9, ge=0, lt=1)
    nesterov: bool = False
    weight_decay: float = Field(default=0.0, ge=0)
    epochs: int = Field(default=10, ge=1)
    batch_size: int | None = Field(default=None, ge=1)
    schedule: Literal["constant", "cosine"] = "cosine"
    warm_up: float = Field(default=0.0, ge=0, lt=1)
    clip_norm: float | None = Field(default=None, gt=0)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    augmentation: Augmentation = "none"
    flips: bool = True
    normalisation: Literal["frozen", "trained"] = "frozen"
    class_weights: Literal["none", "balanced"] = "none"
    early_stopping: bool = False
    start: Literal["fresh", "probe"] = "fresh"
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    thaw: float = Field(default=0.0, ge=0, lt=1)
    anchor: float = Field(default=0.0, ge=0)
    adapter: Adapter | None = None
    contrast: Contrast | None = None
    mixup: float = Field(default=0.0, ge=0)
    average_decay: float | None = Field(default=None, gt=0, lt=1)
    soup: bool = False
    train_size: int | None = Field(default=None, ge=8, le=4096)
    steps: int | None = Field(default=None, ge=1)


class Goal(Record):
    """What the choices optimise, on validation data. `specificity` belongs to `sensitivity_at_specificity`."""

    metric: MetricName = "accuracy"
    specificity: float = Field(default=0.9, gt=0, lt=1)


class Reason(Record):
    """Why one choice was made: printed by `fit` and the report."""

    choice: str
    value: str
    why: str


CANDIDATES: dict[str, tuple[str, ...]] = {"image": ("probe", "stages"), "text": ("probe", "stages", "words")}
"""The views that are tried before a network is fine-tuned, by what the items are."""


class SearchLap(Record):
    """One lap of a search: each of at most `settings` settings takes this share of its steps, the fold held out."""

    share: float = Field(gt=0, le=1)
    fold: int = Field(ge=0)
    settings: int = Field(ge=2)


class Combination(Record):
    """Several views of the data, of which those are kept that say most of items they have not seen.

    `candidates` are tried. `evidence` is how many of five folds are each held out from a fine-tuning of its own, whose
    answers for them then count as evidence (0: the network is not fine-tuned). `retrain` fine-tunes once more on all
    items for the model that is kept; without it, that is the network of the first fold. `single` allows one network,
    one view; `networks` is how many those that are kept may ask together. `pace` is what was measured on this machine
    before the number of steps was set. `search` are the laps in which settings of the fine-tuning are compared before
    it is decided, and `setting` is the one that was ahead.
    """

    candidates: tuple[str, ...] = CANDIDATES["image"]
    evidence: int = Field(default=0, ge=0, le=5)
    retrain: bool = True
    single: bool = False
    networks: int = Field(default=2, ge=1, le=2)
    pace: dict[str, float] = {}
    search: tuple[SearchLap, ...] = ()
    setting: str = ""

    @property
    def most_networks(self) -> int:
        """How many networks the kept views may ask together."""
        return 1 if self.single else self.networks


class Plan(Record):
    """One arm: a model, a strategy and everything else that `execute` needs to be repeatable.

    `pretrained` False starts from a fresh initialisation. `input` holds the preprocessing that is used, after
    `--image-size` and channel rules have been applied to the card's. `mirrored` averages the features of a picture and
    of its mirror image, in training and in prediction; None tries both. With a `combination`, the strategy is what
    fine-tunes the network for its views. `budget` is in seconds of the whole run: steps are planned so that they fit,
    and the clock aborts what takes longer.
    """

    task: str
    model: str
    revision: str = ""
    pretrained: bool = True
    strategy: Strategy
    goal: Goal = Goal()
    input: ModelInput = InputFacts()
    seed: int = 0
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    mirrored: bool | None = False
    combination: Combination | None = None
    budget: float | None = None
    reasons: tuple[Reason, ...] = ()
