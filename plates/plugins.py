"""Find the one record that each module of a folder ends in."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import Any


@cache
def collect(package: str, record: str) -> tuple[Any, ...]:
    """Every ``record`` found in the modules of ``package``, in order of module name.

    Parameters
    ----------
    package : str
        Dotted name of the folder, such as ``"plates.readers"``.
    record : str
        Name that a plug-in module ends in, such as ``"READER"``.

    Returns
    -------
    tuple
        The records. Modules without one (the contract, the identification) are passed over.
    """
    folder: ModuleType = importlib.import_module(package)
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    modules = (importlib.import_module(f"{package}.{name}") for name in names)
    return tuple(getattr(module, record) for module in modules if hasattr(module, record))
