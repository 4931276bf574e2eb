"""Saying a request in another register on the command line: ``etude restyle "Come and sit"``."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from itertools import starmap
from pathlib import Path
from typing import Annotated, Any, Final

import tyro

from etude.foundations.files import replacing
from etude.generative.style.text.delete_retrieve_generate import OTHER
from etude.generative.style.text.lexicon import Register
from etude.generative.style.text.register_classifier import load_classifier
from etude.generative.style.text.restyler import (
    DecodingSettings,
    Restyled,
    Restyler,
    open_restyler,
)
from etude.output import Outcome

MOST_SHOWN: Final = 60  # characters of a line in a warning


def restyle(
    requests: Annotated[tuple[str, ...], tyro.conf.Positional] = (),
    *,
    to: Register | None = None,
    from_file: Path | None = None,
    out: Annotated[Path | None, tyro.conf.arg(aliases=["-o"])] = None,
    n: Annotated[int, tyro.conf.arg(aliases=["-n"])] = 1,
    model: Path | None = None,
    decoding: Annotated[DecodingSettings, tyro.conf.arg(name="")] = DecodingSettings(),  # noqa: B008
) -> Outcome:
    """Say requests as one says them to friends, or to strangers.

    A network writes the result that has learned requests in English, in a domain that ends
    somewhere. What is no request, or what the network is unsure of, comes back as it is, with the
    reason as a warning.

    Args:
        requests: each in quotes; lines of the standard input if there are none, and no file.
        to: the register; the one that a request is not in, if left out.
        from_file: a file with a request in each line, besides those that are given.
        out: a file for the results, instead of the standard output.
        n: how many ways to say each, one line below the other; above 1 with --beam or --sample.
        model: another network than the one that comes along, from `etude train text-style`.
        decoding: how words are chosen; the likeliest each time if nothing is said.

    Returns:
        For each request the ways to say it, with their scores, and the reason if it is unchanged.

    Raises:
        ValueError: no request, a file that is no text or no network, more ways than can be found,
            or a number out of its range.
        FileNotFoundError: there is no such file.
        OSError: the results cannot be written.
    """
    decoding.check_ways(n)
    lines = read_lines(requests, from_file)
    restyler = open_restyler(model)
    registers = [to or other_register(line) for line in lines]
    found = restyled(restyler, lines, registers, n, decoding)
    if to is None:
        for register, ways in zip(registers, found, strict=True):
            if ways[0].reason is None:
                say(f"made {register}, as it sounds {OTHER[register]}", ways[0].source)
    for ways in found:
        if ways[0].reason is not None:
            say(f"unchanged, {ways[0].reason}", ways[0].source)
    text = "".join(f"{way.output}\n" for ways in found for way in ways)
    if out is None:
        print(text, end="")
    else:
        with replacing(out) as partial:
            partial.write_text(text, encoding="utf-8")
    return {"requests": list(starmap(plain_ways, zip(registers, found, strict=True)))}


def read_lines(requests: Sequence[str], file: Path | None) -> list[str]:
    """Requests from the arguments and a file, or else from the standard input.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no text, or there is no request and nobody pipes one in.
    """
    lines = list(requests)
    if file is not None:
        try:
            lines += file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise ValueError(
                f"requests are text in UTF-8, got {str(file)!r}; save it as such."
            ) from error
    elif not requests:
        if sys.stdin.isatty():
            raise ValueError(
                'requests are given in quotes, got none; for example etude restyle "Come and sit" '
                "--to formal."
            )
        lines = sys.stdin.read().splitlines()
    return lines


def other_register(line: str) -> Register:
    """The register that a line is not in."""
    return OTHER[load_classifier().registers([line])[0]]


def restyled(
    restyler: Restyler,
    lines: Sequence[str],
    registers: Sequence[Register],
    n: int = 1,
    decoding: DecodingSettings | None = None,
) -> list[list[Restyled]]:
    """The ways to say each line in its register, or the line alone with the reason."""
    found: dict[int, list[Restyled]] = {}
    for register in OTHER:
        wanted = [i for i in range(len(lines)) if registers[i] == register]
        ways = restyler.restyle_ways([lines[i] for i in wanted], register, n, decoding)
        found |= dict(zip(wanted, ways, strict=True))
    return [found[i] for i in range(len(lines))]


def plain_ways(register: Register, ways: Sequence[Restyled]) -> dict[str, Any]:
    """The ways to say a request, as plain values."""
    return {"register": register, "ways": [asdict(way) for way in ways]}


def say(message: str, line: str) -> None:
    """Tell the user about a line, beside the results."""
    shown = line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]}..."
    print(f"{message}: {shown!r}", file=sys.stderr)
