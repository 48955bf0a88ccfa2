"""`report.html`: one self-contained page, whole without scripts and without a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from assays.reports.verdict import headline, verdict_line
from assays.reports.words import harmless
from assays.results.run import Run
from assays.results.table import Table

if TYPE_CHECKING:
    from jinja2 import Environment

    from assays.reports.figures.picture import Picture


def render(run: Run, pictures: Iterable[Picture], tables: Mapping[str, Table]) -> bytes:
    """Write the report of a run; the same records give the same bytes."""
    style = _template("report.css")
    page = (
        environment()
        .get_template("report.html")
        .render(
            run=run,
            title=run.title or run.name,
            verdict=verdict_line(run),
            severity=str(headline(run)),
            pictures=[(p, data_uri(p)) for p in pictures],
            tables=tables.values(),
            style=style,
            policy=policy(style),
        )
    )
    return page.encode("utf-8", errors="replace")


@cache
def environment() -> Environment:
    """The templates, with every value escaped."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            value if isinstance(value, Markup) or not isinstance(value, str) else harmless(value)
        ),
    )
    made.filters["harmless"] = harmless
    return made


def _template(name: str) -> str:
    return files("assays.reports").joinpath("templates", name).read_text(encoding="utf-8")


def policy(style: str) -> str:
    """What a browser may load for the page: its own style sheet and embedded pictures, no more."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode()
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:"
    return f"{allowed}; base-uri 'none'; form-action 'none'"


def data_uri(picture: Picture) -> str:
    """A picture's bytes inside the page."""
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}"
