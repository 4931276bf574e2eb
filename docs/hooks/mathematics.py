"""Formulas as MathML, made while the site is built, so that its pages load and run nothing."""

import re
from html import unescape
from typing import Final

from latex2mathml.converter import convert

FORMULA: Final = re.compile(
    r'<(?P<tag>div|span) class="arithmatex">\\[\[(](?P<latex>.*?)\\[\])]</(?P=tag)>', re.DOTALL
)


def in_mathml(html: str) -> str:
    """The page, in which arithmatex has marked what stood between dollars."""
    return FORMULA.sub(_drawn, html)


def _drawn(found: re.Match[str]) -> str:
    tag = found["tag"]
    display = "block" if tag == "div" else "inline"
    formula = convert(unescape(found["latex"]).strip(), display=display)
    return f'<{tag} class="formula">{formula}</{tag}>'
