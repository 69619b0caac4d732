"""Each arrow of each state machine is one that somebody can take: a page, a job or a command leads to it.

Read from the source: the functions that name the arrow, and whether a root of the product calls them, over any number of
steps. A name that two modules share counts for both when nothing says which one is meant, so the rule may pass over an arrow
that nobody reaches; what it names is surely one.
"""

import ast
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from core import workflow
from core.settings import ROOT
from portal.packages import load_tables

PACKAGES = ("core", "law", "agencies", "migrants", "contracts", "remittance", "cases", "portal")
ROOTS = re.compile(r"(^|[/_])(views?|pages?|jobs|cli|worker|hooks?|webhooks?|queues?)\.py$|/cli/")
load_tables()


@dataclass
class Function:
    module: str
    names: set[tuple[str, str]] = field(default_factory=set)
    """What it speaks of: (module or '' when unknown, name)."""
    words: set[str] = field(default_factory=set)
    root: bool = False


def modules() -> dict[str, tuple[Path, ast.Module]]:
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "seed" in path.name:
                continue
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = (path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def imports(tree: ast.AST, known: set[str]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Local names of modules, and of what was taken out of modules."""
    aliases: dict[str, str] = {}
    taken: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full, local = f"{node.module}.{alias.name}", alias.asname or alias.name
                if full in known:
                    aliases[local] = full
                else:
                    taken[local] = (node.module, alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                aliases[alias.asname or alias.name] = alias.name
    return aliases, taken


@cache
def functions() -> dict[tuple[str, str], Function]:
    """Every function and every table at the top of a module, by module and name; methods go by their own names."""
    read = modules()
    found: dict[tuple[str, str], Function] = {}
    for module, (path, tree) in read.items():
        aliases, taken = imports(tree, set(read))
        for statement in _units(tree):
            if "status" in module and _is_machine(statement):
                continue
            for name in _called(statement):
                made = found.setdefault((module, name), Function(module))
                made.root = made.root or bool(ROOTS.search(path.relative_to(ROOT).as_posix()))
                _read(statement, made, aliases, taken)
    return found


def _units(tree: ast.Module) -> list[ast.stmt]:
    out: list[ast.stmt] = []
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            out += [s for s in statement.body if isinstance(s, ast.FunctionDef)] + [statement]
        else:
            out.append(statement)
    return out


def _called(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    # What a module does when it is loaded: registering, mostly.
    return ["<loaded>"] if isinstance(statement, ast.Expr | ast.For | ast.If) else []


def _is_machine(statement: ast.stmt) -> bool:
    """A table of arrows names all of them, and takes none."""
    return any(isinstance(n, ast.Name) and n.id in ("Workflow", "Transition") for n in ast.walk(statement))


def _read(statement: ast.stmt, made: Function, aliases: dict[str, str], taken: dict[str, tuple[str, str]]) -> None:
    for node in ast.walk(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            # The whole of it, the choices of an address, or the beginning that a pieced-together word has.
            made.words.add(node.value)
            made.words.update(
                w for choices in re.findall(r"any\(([\w, ]+)\)", node.value) for w in re.split(r",\s*", choices)
            )
        elif isinstance(node, ast.Name):
            made.names.add(taken.get(node.id, (made.module, node.id)))
        elif isinstance(node, ast.Attribute):
            inside = node.value
            if isinstance(inside, ast.Name) and inside.id in aliases:
                made.names.add((aliases[inside.id], node.attr))
            elif isinstance(inside, ast.Name) and inside.id in taken:
                made.names.add((taken[inside.id][0], node.attr))
            else:
                made.names.add(("", node.attr))


@cache
def reached(without: str = "") -> frozenset[tuple[str, str]]:
    """Every function and table that a root leads to; ``without`` the pages of a module, to try the rule itself."""
    every = functions()
    by_name = defaultdict(set)
    for key in every:
        by_name[key[1]].add(key)
    roots = {key for key, made in every.items() if (made.root or key[1] == "<loaded>") and key[0] != without}
    waiting, seen = list(roots), set(roots)
    while waiting:
        for module, name in every[waiting.pop()].names:
            targets = {(module, name)} & every.keys() or by_name[name]
            for target in targets - seen:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)


@cache
def table(name: str) -> str:
    """The module that holds this state machine: its arrows are taken in the same package, and nowhere else."""
    tables = (m for m in list(sys.modules.values()) if m.__name__.endswith("status"))
    return next(m.__name__ for m in tables if workflow.ALL[name] in vars(m).values())


# Arrows that no page, job or command takes, each with the reason.
UNREACHED: dict[tuple[str, str], str] = {}


def nobody_takes(name: str, without: str = "") -> set[str]:
    """The arrows of this machine that no root leads to."""
    feature = table(name).rpartition(".")[0]
    every = functions()
    near = [
        every[key]
        for key in reached(without)
        if key[0].startswith(f"{feature}.") or any(m.startswith(f"{feature}.") for m, _name in every[key].names)
    ]
    spoken = set().union(*(made.words for made in near))
    # A page that asks the table itself shows a button for each arrow of officers.
    asked = any((table(name), "available") in made.names for made in near)
    return {
        action
        for action, arrow in workflow.ALL[name].transitions.items()
        if action not in spoken and not (asked and arrow.permission is not None)
    }


@pytest.mark.parametrize("name", sorted(workflow.ALL))
def test_every_arrow_is_taken_by_a_page_a_job_or_a_command(name: str):
    assert nobody_takes(name) == {action for held, action in UNREACHED if held == name}


@pytest.mark.parametrize(
    ("name", "without", "lost"),
    [
        ("orientation_seat", "contracts.orientation.inspection_views", "revoke"),
        ("migrant", "migrants.registration.views", "take_back"),
        ("remittance", "remittance.orders.views", "choose_recipient"),
    ],
)
def test_the_rule_names_an_arrow_whose_page_is_gone(name: str, without: str, lost: str):
    assert lost not in nobody_takes(name)
    assert lost in nobody_takes(name, without)
