"""Compiles the catalogues of texts when the package is built, as a wheel or in place (`ledger.language.compiling`)."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface[Any]):
    """Named as hatchling looks for it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        compile_file = runpy.run_path(str(root / "ledger/language/compiling.py"))["compile_file"]
        for package in self.metadata.config["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
            for source in (root / package).rglob("locale/*/LC_MESSAGES/*.po"):
                compile_file(source)
