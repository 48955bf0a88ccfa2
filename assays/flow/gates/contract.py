"""What a gate method is: a name, the channels it takes, and how its numbers become a shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from assays.errors import GatingError
from assays.flow.gates.automatic import CONTROLS, SOURCES, Search, Sought
from assays.flow.gates.found import Nothing, everything
from assays.flow.gates.params import Params as Params
from assays.flow.gates.shapes import Shape
from plates.plugins import collect


@dataclass(frozen=True, slots=True)
class GateMethod:
    """One way of finding a shape; each gate module ends in one of these."""

    name: str
    """As written in the `method` of a gate."""
    summary: str
    """One sentence for the documentation."""
    dimensions: tuple[int, int]
    """Fewest and most channels."""
    params: Mapping[str, str]
    """What each parameter means."""
    build: Callable[[Params], Shape] | None = None
    """Numbers to shape; None for an automatic gate."""
    search: Search | None = None
    """How an automatic gate is found in the data; None for a fixed one."""

    @property
    def automatic(self) -> bool:
        """Whether the shape is found in the data; fixed gates are the same in every tube."""
        return self.search is not None

    def shape(self, params: Mapping[str, Any], channels: int, where: str = "") -> Shape:
        """Shape from the numbers of a strategy.

        Parameters
        ----------
        params : mapping
            As in ``assay.toml``.
        channels : int
            Number of channels of the gate.
        where : str
            Population, for messages.

        Raises
        ------
        GatingError
            For an unknown or missing parameter, a value of the wrong kind, or a wrong
            number of channels.
        """
        least, most = self.dimensions
        if not least <= channels <= most:
            count = f"{least}" if least == most else f"{least} to {most}"
            raise GatingError(
                f"a {self.name} gate takes {count} channel{'s' * (most > 1)}, found {channels}",
                where,
            )
        for name in params:
            if name not in self.params:
                near = get_close_matches(str(name), self.params, n=1, cutoff=0.5)
                known = ", ".join(self.params)
                raise GatingError(
                    f"a {self.name} gate has no parameter {name!r}",
                    where,
                    f"Did you mean {near[0]!r}?" if near else f"It takes: {known}.",
                )
        asked = Params(self.name, params, channels, where)
        if self.search is not None:
            return _sought(self.name, self.search, asked)
        assert self.build is not None, f"gate method {self.name} neither builds nor searches"
        return self.build(asked)


def _sought(method: str, search: Search, params: Params) -> Sought:
    """An automatic gate with its parameters checked."""
    find = search.prepare(params)
    fallback: Shape | None = None
    choice = params.given.get("fallback", search.fallback)
    if isinstance(choice, Mapping):
        fallback = fixed_shape(choice, params.channels, f"{params.where}, fallback")
    elif choice == "control":
        if params.channels != 1:
            raise params.error('fallback = "control" needs a gate on one channel')
    elif choice in ("all", "none"):
        size = params.channels
        fallback = everything(size) if choice == "all" else Nothing(size)
    else:
        raise params.error(
            f"'fallback' must be all, none, control or the parameters of a fixed gate, "
            f"found {choice!r}"
        )
    if search.kind == "readout":
        sources = params.text("control", CONTROLS, CONTROLS[0])
    else:
        sources = params.text("from", SOURCES, SOURCES[0])
    match = params.given.get("match", "")
    if not isinstance(match, str):
        raise params.error(f"'match' must be text, found {match!r}")
    return Sought(method, params.channels, search, find, fallback, sources, match)


def fixed_shape(params: Mapping[str, Any], channels: int, where: str) -> Shape:
    """A boundary given in numbers, the method told by `method` or by what is given.

    Raises
    ------
    GatingError
        When the numbers make no shape, or the method named is automatic.
    """
    given = dict(params)
    name = given.pop("method", None)
    if name is None:
        telling = {"vertices": "polygon", "center": "ellipse", "quadrant": "quadrant"}
        plain = "interval" if channels == 1 else "rectangle"
        name = next((method for key, method in telling.items() if key in given), plain)
    method = methods().get(str(name))
    if method is None or method.automatic:
        fixed = ", ".join(known for known, one in methods().items() if not one.automatic)
        raise GatingError(f"{name!r} is no fixed gate method", where, f"Known: {fixed}.")
    return method.shape(given, channels, where)


def methods() -> dict[str, GateMethod]:
    """Every gate method, by name."""
    return {gate.name: gate for gate in collect("assays.flow.gates", "GATE")}
