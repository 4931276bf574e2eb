"""The look of a page: one column, tables that scroll in their box, light, dark and on paper."""

from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark;
  --ground: #fdfdfc; --card: #ffffff; --ink: #1d2327; --faint: #5c6670; --line: #d9dde1;
  --accent: #0b6aa2; --best: #e8f2f8; --code: #f2f4f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181b; --card: #1b2024; --ink: #e4e8eb; --faint: #9aa5ae; --line: #343c43;
    --accent: #6fbbe8; --best: #1c3443; --code: #20262b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 68rem; padding: 1.5rem clamp(.9rem, 4vw, 2.5rem) 4rem;
  background: var(--ground); color: var(--ink); overflow-wrap: break-word;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1 { margin: .5rem 0; font-size: clamp(1.6rem, 5vw, 2.2rem); line-height: 1.2; }
h2 {
  margin: 3rem 0 .8rem; padding-top: .6rem; border-top: 1px solid var(--line);
  font-size: 1.35rem; line-height: 1.3;
}
p { max-width: 44rem; margin: .8rem 0; }
a { color: var(--accent); text-underline-offset: .15em; }
.lead { color: var(--faint); font-size: 1.12rem; }
nav { margin: 1.2rem 0 2rem; padding: .6rem 1rem; border-left: 3px solid var(--accent); }
nav ol { margin: 0; padding-left: 1.4rem; }
nav li { padding: .15rem 0; }
figure { margin: 1.6rem 0; }
figcaption { margin: .5rem 0; color: var(--faint); font-size: .92rem; }
img, video { display: block; max-width: min(100%, 44rem); height: auto; border-radius: .4rem; }
img { background: #ffffff; }
figure.table figcaption { color: var(--ink); font-size: 1rem; font-weight: 600; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .4rem; }
.scroll:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); }
table {
  width: 100%; border-collapse: collapse; background: var(--card);
  font-size: .92rem; font-variant-numeric: tabular-nums;
}
th, td { padding: .45rem .65rem; text-align: left; vertical-align: top; white-space: nowrap; }
thead th {
  border-bottom: 2px solid var(--line); vertical-align: bottom; white-space: normal;
  color: var(--faint); font-weight: 600;
}
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { font-weight: 500; }
tbody th, thead th:first-child { position: sticky; left: 0; background: var(--card); }
.number { text-align: right; }
.aside { display: block; color: var(--faint); font-size: .85em; font-weight: 400; }
.best > * { background: var(--best); font-weight: 700; }
.note { margin: .5rem 0; color: var(--faint); font-size: .88rem; }
pre {
  overflow-x: auto; padding: .8rem 1rem; border-radius: .4rem; background: var(--code);
  font: .92rem/1.6 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
@media (max-width: 40rem) {
  tbody th, thead th:first-child { max-width: 42vw; white-space: normal; }
  th, td { padding: .4rem .55rem; }
}
@media print {
  :root { --ground: #ffffff; --card: #ffffff; --ink: #000000; --faint: #444444; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  figure, pre, tr { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; }
  th, td { padding: .2rem .4rem; white-space: normal; }
  tbody th, thead th:first-child { position: static; }
}
"""
