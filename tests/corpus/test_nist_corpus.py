"""The project's own search on the nonlinear regression sets that NIST certifies.

Each set is a response with its own equation; an adapter makes a curve model of it, and the search
begins from NIST's two starts, the far one and the near one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assays.curves.contract import CurveModel, Floats
from assays.curves.descent import minimise
from assays.curves.least_squares import params_of, problem_of, quiet

Response = Callable[[Floats, Floats], Floats]


def rational(top: int) -> Response:
    """A polynomial over another that begins with 1; the first `top` parameters are above."""

    def response(x: Floats, p: Floats) -> Floats:
        above = sum(b * x**i for i, b in enumerate(p[:top]))
        return np.asarray(above / (1 + sum(b * x ** (i + 1) for i, b in enumerate(p[top:]))))

    return response


RESPONSES: dict[str, Response] = {
    "bennett5": lambda x, p: p[0] * (p[1] + x) ** (-1 / p[2]),
    "boxbod": lambda x, p: p[0] * (1 - np.exp(-p[1] * x)),
    "chwirut1": lambda x, p: np.exp(-p[0] * x) / (p[1] + p[2] * x),
    "danwood": lambda x, p: p[0] * x ** p[1],
    "eckerle4": lambda x, p: p[0] / p[1] * np.exp(-((x - p[2]) ** 2) / (2 * p[1] ** 2)),
    "hahn1": rational(4),
    "mgh09": lambda x, p: p[0] * (x * x + p[1] * x) / (x * x + p[2] * x + p[3]),
    "mgh10": lambda x, p: p[0] * np.exp(p[1] / (x + p[2])),
    "misra1a": lambda x, p: p[0] * (1 - np.exp(-p[1] * x)),
    "misra1c": lambda x, p: p[0] * (1 - (1 + 2 * p[1] * x) ** -0.5),
    "rat43": lambda x, p: p[0] * (1 + np.exp(p[1] - p[2] * x)) ** (-1 / p[3]),
    "roszman1": lambda x, p: p[0] - p[1] * x - np.arctan(p[2] / (x - p[3])) / np.pi,
    "thurber": rational(4),
}


TIMES = ("bennett5", "boxbod", "danwood", "eckerle4", "mgh09", "mgh10", "misra1a", "misra1c")
"""Sets whose response is b1 times a shape: it lies between 0 and b1, and b1 is solved for at every
step, as the ends of the project's own curves are."""


def derivatives(response: Response, x: Floats, p: Floats) -> Floats:
    """By each parameter, as the first axis; complex steps differentiate to the last digit."""
    columns = []
    for i in range(len(p)):
        step = 1e-30 * np.maximum(np.abs(p[i]), 1e-6)
        shifted = [v + 1j * step if j == i else v + 0j for j, v in enumerate(p)]
        columns.append(response(x, np.array(shifted)).imag / step)
    return np.stack(columns)


def model_of(name: str, count: int) -> CurveModel:
    response = RESPONSES[name]

    def gradient(x: Floats, p: Floats) -> Floats:
        return np.moveaxis(derivatives(response, x, p), 0, -1)

    def share(log_x: Floats, shape: Floats) -> tuple[Floats, Floats, Floats]:
        natural = np.exp(shape) if logs else shape
        full = np.concatenate([np.ones_like(shape[:1]), natural])
        low = response(np.exp(log_x), full)
        slopes = derivatives(response, np.exp(log_x), full)[1:]
        return low, 1 - low, slopes * natural if logs else slopes

    names = (*(f"b{i + 1}" for i in range(count)), "zero")
    rest = response, gradient, response, response
    if name not in TIMES:
        return CurveModel(name, name, "", names[:-1], (False,) * count, count, *rest)
    linear = (True, *(False for _ in range(count - 1)), True)
    # MGH10 starts sixty times too far out; B and C of the project's curves move on a log scale too.
    logs = name == "mgh10"
    positive = (False, *(logs for _ in range(count - 1)), False)
    return CurveModel(name, name, "", names, positive, count, *rest, linear=linear, share=share)


def sets(corpus: Path, name: str) -> tuple[dict, Floats, Floats]:  # type: ignore[type-arg]
    text = (corpus / "curves" / "expected" / f"nist_{name}.json").read_text(encoding="utf-8")
    table = np.genfromtxt(
        corpus / "curves" / "data" / f"nist_{name}.csv", delimiter=",", names=True
    )
    return json.loads(text), table["x"], table["y"]


@pytest.mark.parametrize("name", list(RESPONSES))
@pytest.mark.parametrize("start", ["start1", "start2"])
def test_the_search_finds_parameters_certified_by_nist(corpus: Path, name: str, start: str) -> None:
    answer, x, y = sets(corpus, name)
    wanted = np.array(answer["certified"]["params"], dtype=float)
    begin = np.array(answer[start], dtype=float)
    model = model_of(name, len(wanted))
    free = np.array([one != "zero" for one in model.names])
    begin = np.append(begin, 0.0)[: len(free)]
    with quiet():
        problem = problem_of(model, x[None], y[None], np.ones((1, len(x))), free)
        found, converged = minimise(problem, begin[None, None])
        params = params_of(problem, found)[0][: len(wanted)]
    assert converged[0]
    np.testing.assert_allclose(params, wanted, rtol=1e-6)
    assert found.misfit[0] == pytest.approx(answer["certified"]["rss"], rel=1e-8)
