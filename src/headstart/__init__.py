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

__version__ = "0.1.0"

__all__ = [
    "DataError",
    "Dataset",
    "FitOptions",
    "HeadstartError",
    "ModelError",
    "OptionError",
    "Part",
    "RunError",
    "StrategyOptions",
    "__version__",
]

_MODULES = {
    "DataError": "headstart.core.errors",
    "Dataset": "headstart.core.dataset",
    "FitOptions": "headstart.core.options",
    "HeadstartError": "headstart.core.errors",
    "ModelError": "headstart.core.errors",
    "OptionError": "headstart.core.errors",
    "Part": "headstart.core.dataset",
    "RunError": "headstart.core.errors",
    "StrategyOptions": "headstart.core.options",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'headstart' has no attribute '{name}'")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
