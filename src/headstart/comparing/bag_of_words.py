"""The arm that needs no network: TF-IDF of words and pairs of neighbours with a logistic regression.

On long documents a bag of words is hard to beat; where it beats the pretrained network, whoever asks has to know.
"""

from __future__ import annotations

from headstart.comparing.arm import Answer, Bout, Entry, fit_options
from headstart.core.dataset import Part
from headstart.core.strategy import Goal
from headstart.core.verdict import ArmFacts, VerdictOptions

MODEL = "bag-of-words"


class WordCounts:
    """For labels of whole texts. It learns from all labelled items, and its strength is cross-validated among them."""

    name = MODEL
    tasks: tuple[str, ...] = ("text-classification",)

    def entries(self, asked: VerdictOptions) -> tuple[Entry, ...]:
        """Always there; it takes no longer than a probe does."""
        return (
            Entry(
                arm=self.name,
                name=self.name,
                title="no network: counts of words and pairs of words, weighed by how rare they are (TF-IDF)",
                role="other",
                options=fit_options(asked, strategy="linear-probe"),
                learns_from_validation=True,
            ),
        )

    def answer(self, entry: Entry, bout: Bout) -> Answer:
        """Fit on the labelled texts of the repeat, and say what it makes of the held-out ones."""
        import torch

        from headstart.data.text import text_of
        from headstart.features.training_probe import folds_of
        from headstart.features.words_probe import Wanted, fit_words
        from headstart.models.backbone import Features
        from headstart.tasks import TASKS

        del entry
        dataset = bout.dataset
        known, held_out = dataset.part(Part.TRAIN, Part.VALIDATION), dataset.part(Part.TEST)
        texts, asked = ([text_of(part.inputs.read(index)) for index in range(len(part))] for part in (known, held_out))
        wanted = Wanted(known.targets, len(dataset.labels))
        head = fit_words(texts, wanted, folds=folds_of(known), goal=Goal()).head
        task = TASKS[dataset.task](multi_label=dataset.multi_label)
        with torch.inference_mode():
            said = task.decode(head(Features(pooled=head.rows(asked)))).numpy()
        learnt = sum(parameter.numel() for parameter in head.parameters())
        facts = ArmFacts(model=MODEL, method=MODEL, pretrained=False, parameters=learnt, trained_parameters=learnt)
        return Answer(said, facts)


ARM = WordCounts()
