"""The rules, one module a concern. Importing this package registers them all."""

from importlib import import_module
from pkgutil import iter_modules

from golden_path.rules.base import RULES, Rule

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)

__all__ = ["RULES", "Rule"]
