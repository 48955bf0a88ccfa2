"""The error root, and the errors of files: each says what, where, and what to try."""

from __future__ import annotations


class LabError(Exception):
    """Something that cannot be understood; the root of every error this project raises.

    Parameters
    ----------
    message : str
        What was expected and what was found, in one sentence.
    where : str, optional
        File and place: ``file:line``, ``file: sheet!cell``, ``file: byte 123``.
    hint : str, optional
        What to try.
    """

    def __init__(self, message: str, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = self.message.rstrip(".")
        if self.where:
            text += f" ({self.where})"
        text += "."
        return f"{text} {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[type[LabError], tuple[str, str, str]]:
        return type(self), (self.message, self.where, self.hint)


class SourceError(LabError):
    """A file is absent, empty, too large, or not what its bytes claim."""


class ReaderError(LabError):
    """An export was recognised but its content breaks off or contradicts itself."""


class IdentifyError(LabError):
    """No reader, or more than one, recognises a file."""


class LayoutError(LabError):
    """A layout cannot be understood, or contradicts the plate."""


class UnitError(LabError):
    """A quantity has no unit, an unknown one, or one of another kind."""
