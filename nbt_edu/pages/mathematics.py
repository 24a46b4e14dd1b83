"""Markdown with its formulas as MathML, which browsers draw themselves: no MathJax, no fonts, nothing from elsewhere."""

import html
import re

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

NAMES = re.compile(r"(<mi>(?:log|ln|exp|max|min|sin|cos|tanh|det)</mi>(?:<m[in]>[^<]*</m[in]></msub>)?)(?=<m[in]>)")


def mathml(latex, block=False):
    """A formula as MathML. What cannot be converted stays as its author wrote it, as code."""
    text = latex.strip()
    try:
        found = convert(text.replace("<", r"\lt ").replace(">", r"\gt "), display="block" if block else "inline")
    except Exception:  # the converter has many, for what it cannot read
        found = "\\"
    if "\\" in found:  # a command that it does not know
        return f"<code>{html.escape(text)}</code>"
    found = NAMES.sub(r'\1<mspace width="0.167em" />', found)  # log p, as TeX sets it
    return f'<span class="formula">{found}</span>' if block else found


def markdown(source, attachments=None):
    """A markdown cell as HTML. Links to other notebooks lead to their pages."""
    text = MarkdownWithMath(_Renderer(escape=False, exclude_anchor_links=True, attachments=attachments)).render(source)
    return text.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")


class _Renderer(IPythonRenderer):
    def inline_math(self, body):
        return mathml(body)

    def block_math(self, body):
        return mathml(body, block=True)

    def latex_environment(self, name, body):
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)

    def link(self, text, url, title=None):
        return super().link(text, re.sub(r"^(?!\w+:)(.*)\.ipynb(#.*)?$", r"\1.html\2", url), title)
