"""The public face of the package: what is in `__all__` is there, and nothing heavy is loaded before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import ledger


def test_the_names() -> None:
    assert ledger.__all__ == [
        "Author",
        "Home",
        "Ledger",
        "LedgerError",
        "Receipt",
        "Report",
        "__version__",
        "open_source",
        "publish",
        "restore",
        "verify",
    ]
    assert set(dir(ledger)) == set(ledger.__all__)


@pytest.mark.parametrize("name", ledger.__all__)
def test_each_name_is_there(name: str) -> None:
    assert getattr(ledger, name) is not None


def test_no_other_name() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = ledger.nothing


def test_the_log_loads_alone() -> None:
    """A worker that verifies signatures does not pay for the database."""
    code = (
        "import sys, ledger.log; print(any(m in sys.modules for m in ('sqlalchemy', 'pydantic', 'sqlmodel')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
