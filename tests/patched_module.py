"""A `sitecustomize` that patches one module when a process of the tests imports it."""

from textwrap import indent

_FINDER = """
import os, sys
class Finder:
    def find_spec(self, name, path, target=None):
        if name != "{name}":
            return None
        sys.meta_path.remove(self)
        import importlib.util
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module
        def exec_module(module):
            load(module)
{patch}
        spec.loader.exec_module = exec_module
        return spec
sys.meta_path.insert(0, Finder())
"""


def patched_module(name: str, patch: str) -> str:
    """Return the text of a `sitecustomize.py` that runs `patch` on the loaded `module`."""
    return _FINDER.format(name=name, patch=indent(patch.strip(), " " * 12))
