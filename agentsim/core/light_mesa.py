"""Mesa's model and agents, without what only its spaces, batch runs and tables need.

``import mesa`` loads pandas, networkx and SciPy too, which takes as long as some weeks of the model. A run
uses ``mesa.Model`` and ``mesa.Agent`` alone. So the package stands in ``sys.modules`` with these two, and
the rest of its ``__init__`` runs as soon as somebody asks for more: ``import mesa; mesa.DataCollector``
works as ever, whichever of the two packages is imported first.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from inspect import currentframe
from threading import RLock
from types import FrameType, ModuleType
from typing import Any

_LOCK = RLock()  # a second thread waits until the first has loaded all of Mesa


class _Unfinished(ModuleType):
    """The package ``mesa`` until somebody needs all of it."""

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") or name in ("__all__", "__version__"):  # others: the import system's
            _finish(self)
        try:
            return vars(self)[name]
        except KeyError:
            raise AttributeError(f"module 'mesa' has no attribute {name!r}") from None

    def __dir__(self) -> list[str]:
        _finish(self)
        return sorted(vars(self))


def _finish(package: ModuleType) -> None:
    """Run the package's own ``__init__``, once; afterwards it is a module like any other."""
    with _LOCK:
        if isinstance(package, _Unfinished) and "_finishing" not in vars(package):
            assert package.__spec__ is not None
            assert package.__spec__.loader is not None
            vars(package)["_finishing"] = True
            try:
                package.__spec__.loader.exec_module(package)
                package.__class__ = ModuleType  # type: ignore[assignment]
            finally:
                del vars(package)["_finishing"]


def prepare() -> None:
    """Make the next ``import mesa`` light, unless Mesa has been imported already."""
    spec = None if "mesa" in sys.modules else find_spec("mesa")
    if spec is None:  # without Mesa the import itself says so
        return
    package = module_from_spec(spec)
    package.__class__ = _Unfinished
    sys.modules["mesa"] = package
    try:
        vars(package).update(Agent=import_module("mesa.agent").Agent, Model=_model())
    except BaseException:
        del sys.modules["mesa"]
        raise


class _Callers:
    """What Mesa's loggers ask of ``inspect``: by whom they are called, without the source of all callers."""

    currentframe = staticmethod(currentframe)

    @staticmethod
    def getouterframes(frame: FrameType | None) -> list[tuple[FrameType, str, int, str]]:
        found = []
        while frame is not None:
            found.append((frame, frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
            frame = frame.f_back
        return found

    @classmethod
    def stack(cls) -> list[tuple[FrameType, str, int, str]]:
        return cls.getouterframes(currentframe())[1:]

    @staticmethod
    def getmodule(frame: FrameType) -> ModuleType:
        return sys.modules[frame.f_globals["__name__"]]


def _model() -> Any:
    """``mesa.Model``, whose loggers find their names quickly."""
    loggers: Any = import_module("mesa.mesa_logging")
    inspect, loggers.inspect = loggers.inspect, _Callers
    try:
        return import_module("mesa.model").Model
    finally:
        loggers.inspect = inspect


prepare()
