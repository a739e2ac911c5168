"""The package as a whole: its public face, its examples in docstrings, and what it does not load before it must."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import ledger_schemas
from tests.schemas.examples import EXAMPLES

MODULES = [
    "ledger_schemas",
    *(f"ledger_schemas.{found.name}" for found in pkgutil.iter_modules(ledger_schemas.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_docstrings_tell_the_truth(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_public_face() -> None:
    assert len(set(ledger_schemas.__all__)) == len(ledger_schemas.__all__)
    for name in ledger_schemas.__all__:
        assert hasattr(ledger_schemas, name)
    for kind, model in ledger_schemas.KINDS.items():
        noun, verb = kind.split(".")
        assert model.__name__ == noun.title() + verb.title().replace("_", "")
        assert model.__name__ in ledger_schemas.__all__


def run(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_registers_are_loaded_when_they_are_asked_for() -> None:
    loaded = "print([name for name in ('pycountry', 'stdnum', 'ledger', 'sqlmodel') if name in sys.modules])"
    assert run(f"import sys, ledger_schemas; {loaded}") == "[]"
    assert (
        run(f"import sys, ledger_schemas; ledger_schemas.country_problem('NO'); {loaded}") == "['pycountry']"
    )


def test_validators_are_built_when_a_kind_is_first_parsed() -> None:
    built = "print([k for k, m in KINDS.items() if m.__pydantic_complete__])"
    body = EXAMPLES["commitment.signed"]
    assert run(f"from ledger_schemas import *; {built}") == "[]"
    assert run(f"from ledger_schemas import *; parse_body('commitment.signed', {body!r}); {built}") == (
        "['commitment.signed']"
    )


def test_many_threads_may_parse_first() -> None:
    program = f"""
from concurrent.futures import ThreadPoolExecutor
from ledger_schemas import parse_body
examples = {EXAMPLES!r}
with ThreadPoolExecutor(8) as pool:
    print(len(list(pool.map(parse_body, list(examples) * 4, list(examples.values()) * 4))))
"""
    assert run(program) == str(len(EXAMPLES) * 4)
