"""Further pretrained models, such as the runner-up of a ranking, each by the strategy that was asked for."""

from __future__ import annotations

from pathlib import Path

from headstart.comparing.arm import Entry, Planned, fit_options
from headstart.core.verdict import VerdictOptions


class OtherModels(Planned):
    """One entry a model, named after it."""

    name = "other-models"

    def entries(self, asked: VerdictOptions) -> tuple[Entry, ...]:
        """Those of `--models`, without the model that is asked about."""
        others = [model for model in dict.fromkeys(asked.models) if model != asked.model]
        return tuple(
            Entry(
                arm=self.name,
                name=name,
                title=f"another pretrained model ({asked.strategy})",
                role="other",
                options=fit_options(asked, strategy=asked.strategy, model=model),
            )
            for name, model in zip(_names(others), others, strict=True)
        )


def _names(models: list[str]) -> list[str]:
    """Ids as they are and folders by their last part, wherever they are seen from; equal ones are numbered."""
    names = [f"./{Path(model).name}" if Path(model).is_absolute() or model[0] in ".~" else model for model in models]
    return [
        name if names.count(name) == 1 else f"{name}-{names[: place + 1].count(name)}"
        for place, name in enumerate(names)
    ]


ARM = OtherModels()
