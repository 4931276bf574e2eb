"""Formulas as MathML, made while the site is built, so that its pages load and run nothing.

Two things of TeX's that MathML does not do by itself are put in: a thin space around the names of
functions, and none behind a sign that stands in front of its number.
"""

import re
from html import unescape
from typing import Final

from latex2mathml.converter import convert

FORMULA: Final = re.compile(
    r'<(?P<tag>div|span) class="arithmatex">\\[\[(](?P<latex>.*?)\\[\])]</(?P=tag)>', re.DOTALL
)
THIN_SPACE: Final = '<mspace width="0.167em" />'
PARENTHESIS: Final = r'<mo stretchy="false">&#x00028;</mo>'
NAME: Final = r"<mi>(?:log|exp|sin|cos|tanh|ln)</mi>"
BEFORE_A_NAME: Final = re.compile(rf"(</m[inr]\w*>)(?={NAME})")
BEHIND_A_NAME: Final = re.compile(rf"({NAME})(?!{PARENTHESIS}|</mrow>)")
SIGN: Final = re.compile(  # behind an opening bracket, a comma, an equals sign or an arrow
    r"(<mo[^>]*>(?:&#x0(?:0028|003D|002C|005B|007B|2190|2264|2265|003C|003E);)</mo>)"
    r"<mo>(&#x0(?:2212|02B);)</mo>"
)
ARG: Final = re.compile(r"\\arg\b")  # which the converter does not know
UNREAD: Final = re.compile(r"\\[A-Za-z]+")


def in_mathml(html: str) -> str:
    """The page, in which arithmatex has marked what stood between dollars.

    Raises:
        ValueError: a formula has a command that the converter does not know.
    """
    return FORMULA.sub(_drawn, html)


def _drawn(found: re.Match[str]) -> str:
    tag = found["tag"]
    latex = unescape(found["latex"]).strip()
    formula = convert(
        ARG.sub(r"\\mathrm{arg}\\,", latex), display="block" if tag == "div" else "inline"
    )
    if unread := UNREAD.search(formula):
        raise ValueError(f"a formula is of LaTeX that can be drawn, got {unread[0]} in {latex!r}.")
    return f'<{tag} class="formula">{spaced(formula)}</{tag}>'


def spaced(formula: str) -> str:
    r"""MathML with TeX's spaces.

    >>> from latex2mathml.converter import convert
    >>> spaced(convert(r"2 \log 2")).count("mspace")
    2
    """
    formula = BEFORE_A_NAME.sub(rf"\1{THIN_SPACE}", formula)
    formula = BEHIND_A_NAME.sub(rf"\1{THIN_SPACE}", formula)
    return SIGN.sub(r'\1<mo form="prefix">\2</mo>', formula)
