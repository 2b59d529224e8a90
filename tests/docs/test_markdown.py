"""Finding the code blocks of a page."""

from __future__ import annotations

import pytest

from tests.docs.markdown import Block, blocks, command_words, commands, matches

PAGE = """\
# A page

```python
x = 1
```

<!-- not run: it installs packages -->
```console
$ make demo
```

<!-- output not compared: it has a time -->

```console
$ date
Monday
```
"""


def test_blocks_come_in_order_with_their_markers() -> None:
    assert blocks(PAGE) == [
        Block("python", "x = 1\n", 4),
        Block("console", "$ make demo\n", 9, run=False),
        Block("console", "$ date\nMonday\n", 15, compare=False),
    ]


@pytest.mark.parametrize(
    ("page", "said"),
    [("```\ntext\n```\n", "line 2: the block has no language"), ("<!-- not run: -->\n```sh\nx\n```\n", "no reason")],
)
def test_nothing_is_left_out_without_a_reason(page: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        blocks(page)


def test_a_console_block_is_commands_with_their_output() -> None:
    assert commands("$ a\n1\n2\n$ b \\\n> -c\n3\n") == [("a", "1\n2\n"), ("b \\\n-c", "3\n")]
    with pytest.raises(ValueError, match="starts with"):
        commands("output\n$ a\n")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("headstart fit a/b.csv --epochs=4", ["headstart", "fit", "a/b.csv", "--epochs=4"]),
        ("headstart models list 'timm/*'", ["headstart", "models", "list", "timm/*"]),
        ("headstart predict run *.png", None),
        ("headstart inspect a || true", None),
        ('headstart predict run "$TEXT"', None),
        ("headstart predict run ~/a.png", None),
        ("headstart inspect a > b", None),
        ("cat a", None),
        ("headstarts", None),
    ],
)
def test_only_what_needs_no_shell_is_taken_apart(command: str, words: list[str] | None) -> None:
    assert command_words(command) == words


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a  \nb\n", "a\nb\n\n", True),
        ("a ... c", "a b\nb c", True),
        ("... s", "12.5 s", True),
        ("a.c", "abc", False),
        ("a", "a b", False),
        ("", "a", False),
    ],
)
def test_three_dots_stand_for_any_text(expected: str, actual: str, same: bool) -> None:
    assert matches(expected, actual) is same
