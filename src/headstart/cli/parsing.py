"""A command's function and the words after its name -> the arguments to call it with. typer does the parsing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_type_hints

import typer
from typer.main import get_command

from headstart.core.errors import OptionError, did_you_mean

INTERRUPTED = 130


def parse(function: Callable[..., object], *, name: str, arguments: Sequence[str]) -> dict[str, Any] | None:
    """Arguments by parameter name, or None where help was asked for, which has then been printed.

    Raises `OptionError` for an unknown option, a missing argument or a value that is not allowed.
    """
    groups, parameters = _expand(function)
    parsed: list[dict[str, Any]] = []

    def take(**values: Any) -> None:
        parsed.append(values)

    take.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    settings = {"help_option_names": ["-h", "--help"]}
    app.command(name, help=inspect.getdoc(function), context_settings=settings)(take)
    try:
        ended = get_command(app).main(list(arguments), prog_name=f"headstart {name}", standalone_mode=False)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except typer.TyperException as error:
        raise OptionError(_sentence(error), hint=f"See headstart {name} --help.") from error
    if ended == INTERRUPTED:
        raise KeyboardInterrupt
    return _collect(groups, parsed[0]) if parsed else None


def _expand(function: Callable[..., object]) -> tuple[dict[str, Any], list[inspect.Parameter]]:
    """Parameters that are dataclasses, by name, and the flat list in which their fields take their place."""
    groups: dict[str, Any] = {}
    flat: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        if is_dataclass(parameter.annotation):
            groups[name] = parameter.annotation
            hints = get_type_hints(parameter.annotation, include_extras=True)
            flat += [_option(field, hints[field.name]) for field in fields(parameter.annotation)]
        else:
            flat.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
    return groups, flat


def _option(field: Field[Any], hint: Any) -> inspect.Parameter:
    default: Any = inspect.Parameter.empty
    if field.default is not MISSING:
        default = field.default
    elif field.default_factory is not MISSING:
        default = field.default_factory()
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)


def _collect(groups: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    grouped = {
        name: kind(**{field.name: values.pop(field.name) for field in fields(kind)}) for name, kind in groups.items()
    }
    return {**values, **grouped}


def _sentence(error: typer.TyperException) -> str:
    option = getattr(error, "option_name", None)
    known = getattr(error, "possibilities", None)
    if option is not None and known is not None:
        return f"Unknown option '{option}'.{did_you_mean(option, known)}"
    text = error.format_message().replace("Value error, ", "")
    return text if text.endswith((".", "!", "?")) else f"{text}."
