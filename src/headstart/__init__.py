"""Headstart: transfer learning from labelled data to a fine-tuned model, with the evidence.

A public name is imported when it is first used, so that `import headstart` costs nothing. It stands in three places
here: the import for type checkers, `__all__` and the table; a test holds them together.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.core.dataset import Dataset as Dataset
    from headstart.core.dataset import Part as Part
    from headstart.core.errors import DataError as DataError
    from headstart.core.errors import HeadstartError as HeadstartError
    from headstart.core.errors import ModelError as ModelError
    from headstart.core.errors import OptionError as OptionError
    from headstart.core.errors import RunError as RunError
    from headstart.core.options import FitOptions as FitOptions
    from headstart.core.options import StrategyOptions as StrategyOptions
    from headstart.core.pretraining import PretrainOptions as PretrainOptions
    from headstart.core.pretraining import PretrainRecord as PretrainRecord
    from headstart.core.ranking import Ranking as Ranking
    from headstart.core.ranking import RankOptions as RankOptions
    from headstart.core.verdict import Verdict as Verdict
    from headstart.core.verdict import VerdictOptions as VerdictOptions
    from headstart.data.reader import ReadOptions as ReadOptions
    from headstart.loading import Data as Data
    from headstart.loading import inspect as inspect
    from headstart.loading import load_data as load_data
    from headstart.pipeline import Run as Run
    from headstart.pipeline import evaluate as evaluate
    from headstart.pipeline import fit as fit
    from headstart.pipeline import load as load
    from headstart.pipeline import predict as predict
    from headstart.pipeline import pretrain as pretrain
    from headstart.pipeline import rank as rank
    from headstart.pipeline import verdict as verdict

__version__ = "0.1.0"

__all__ = [
    "Data",
    "DataError",
    "Dataset",
    "FitOptions",
    "HeadstartError",
    "ModelError",
    "OptionError",
    "Part",
    "PretrainOptions",
    "PretrainRecord",
    "RankOptions",
    "Ranking",
    "ReadOptions",
    "Run",
    "RunError",
    "StrategyOptions",
    "Verdict",
    "VerdictOptions",
    "__version__",
    "evaluate",
    "fit",
    "inspect",
    "load",
    "load_data",
    "predict",
    "pretrain",
    "rank",
    "verdict",
]

_MODULES = {
    "Data": "headstart.loading",
    "DataError": "headstart.core.errors",
    "Dataset": "headstart.core.dataset",
    "FitOptions": "headstart.core.options",
    "HeadstartError": "headstart.core.errors",
    "ModelError": "headstart.core.errors",
    "OptionError": "headstart.core.errors",
    "Part": "headstart.core.dataset",
    "PretrainOptions": "headstart.core.pretraining",
    "PretrainRecord": "headstart.core.pretraining",
    "RankOptions": "headstart.core.ranking",
    "Ranking": "headstart.core.ranking",
    "ReadOptions": "headstart.data.reader",
    "Run": "headstart.pipeline",
    "RunError": "headstart.core.errors",
    "StrategyOptions": "headstart.core.options",
    "Verdict": "headstart.core.verdict",
    "VerdictOptions": "headstart.core.verdict",
    "evaluate": "headstart.pipeline",
    "fit": "headstart.pipeline",
    "inspect": "headstart.loading",
    "load": "headstart.pipeline",
    "load_data": "headstart.loading",
    "predict": "headstart.pipeline",
    "pretrain": "headstart.pipeline",
    "rank": "headstart.pipeline",
    "verdict": "headstart.pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'headstart' has no attribute '{name}'")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
