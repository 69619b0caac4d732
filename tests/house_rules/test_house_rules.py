"""The habits of the house, as tests: whoever breaks one is told where."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import LargeBinary

from core.db import Base
from core.privacy import Encrypted, HasPersonKey
from core.settings import ROOT
from core.web import Access, AccessKind
from core.workflow import ALL

PACKAGES = ("core", "law", "agencies", "migrants", "contracts", "remittance", "cases", "portal")
# Non-GET views that need no CSRF token, by name, each proving itself otherwise.
WITHOUT_CSRF = {
    "remittance.stripe_webhook",
    "remittance_webhooks.stripe",
    "partner.token",
    "partner.documents",
    "inbound.sms",
    # An anonymous report sets no cookie; its answers travel in a sealed draft.
    "reports.step",
    "reports.open_thread",
    "reports.add",
}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def test_every_view_declares_who_may_use_it(app: Flask):
    undeclared = [
        name for name, view in app.view_functions.items() if not isinstance(getattr(view, "__access__", None), Access)
    ]
    assert undeclared == []


def test_views_without_csrf_are_the_listed_ones(app: Flask):
    kinds = {AccessKind.WEBHOOK, AccessKind.TOKEN, AccessKind.ANONYMOUS}
    changing = {
        rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    found = {name for name in changing if app.view_functions[name].__access__.kind in kinds}  # type: ignore[attr-defined]
    assert found <= WITHOUT_CSRF, f"not listed: {found - WITHOUT_CSRF}"


def test_addresses_are_lower_case_words_with_dashes(app: Flask):
    odd = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(("/static/", "/.well-known/"))
        and re.search(r"[A-Z_]|//|.+/$", re.sub(r"<[^>]*>", "x", rule.rule))
    ]
    assert odd == []


def test_no_address_takes_a_number_that_could_be_counted_up(app: Flask):
    assert [rule.rule for rule in app.url_map.iter_rules() if "<int:" in rule.rule] == []


def test_only_the_workflow_sets_a_status():
    found = []
    for path in sources():
        if path.name == "workflow.py" or "seed" in path.name:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AugAssign)
                else []
            )
            found += [where(path, node) for t in targets if isinstance(t, ast.Attribute) and t.attr == "status"]
    assert [f for f in found if "response" not in f] == []


def test_nothing_below_the_edge_commits():
    allowed = {
        "web.py",
        "db.py",
        "throttle.py",
        "jobs.py",
        "cli.py",
        "serve.py",
        "worker.py",
        "migrate.py",
        "embedded.py",
        "seed.py",
    }
    found = [
        where(path, node)
        for path in sources()
        if path.name not in allowed and "seed" not in path.name
        for node in calls(path)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert found == []


def test_no_flask_below_the_views():
    below = {"services.py", "queries.py", "policies.py", "models.py", "status.py", "forms.py", "jobs.py"}
    found = []
    for path in sources():
        if path.name in below and path.parts[len(ROOT.parts)] != "portal":
            text = path.read_text(encoding="utf-8")
            found += [str(path.relative_to(ROOT))] if re.search(r"^(from|import) (flask|werkzeug)", text, re.M) else []
    assert found == []


def test_every_workflow_is_compared_with_a_list_written_by_hand(app: Flask):
    written = {
        f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "")
        for path in (ROOT / "tests").rglob("test_*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Compare)
        and isinstance(call.left, ast.Call)
        and getattr(call.left.func, "attr", "") == "pairs"
        for f in [call.left.func.value]  # type: ignore[attr-defined]
    }
    tables = {
        target.id: path
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "Workflow"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert len(tables) == len(ALL)
    assert sorted(set(tables) - written) == []


def test_files_stay_readable():
    long = [
        f"{p.relative_to(ROOT)}: {n}" for p in sources() if (n := len(p.read_text(encoding="utf-8").splitlines())) > 500
    ]
    assert long == []


def test_functions_stay_under_fifty_lines():
    found = []
    for path in sources():
        if "seed" in path.name:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 55:
                found.append(f"{where(path, node)} {node.name}")
    assert found == []


def test_money_columns_are_whole_numbers(app: Flask):
    odd = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if re.search(r"(^|_)minor$", column.name) and str(column.type) != "BIGINT":
                odd.append(f"{table.name}.{column.name}")
            if str(column.type).startswith(("NUMERIC", "FLOAT", "DOUBLE", "REAL")) and "rate" not in column.name:
                odd.append(f"{table.name}.{column.name}")
    assert odd == []


def test_instants_carry_their_zone(app: Flask):
    naive = [
        f"{t.name}.{c.name}"
        for t in Base.metadata.sorted_tables
        for c in t.columns
        if str(c.type) == "DATETIME" and not getattr(c.type, "timezone", False)
    ]
    assert naive == []


PERSONAL = re.compile(
    r"(^|_)(given_name|family_name|full_name|display_name|primary_identifier|secondary_identifier|document_number|passport_number"
    r"|national_id|phone|telephone|email|birth_date|date_of_birth|father|mother|account_number|iban|bank_account|address)(_|$)"
)
# Not a person's: an office's or an organisation's public facts.
IMPERSONAL = {"agency.address", "employer.address"}


def test_personal_data_stands_in_sealed_columns_only(app: Flask):
    open_columns = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            if (
                not PERSONAL.search(column.name)
                or name in IMPERSONAL
                or column.name.endswith(("_confirmed_at", "_index", "_id", "_status", "_kind"))
            ):
                continue
            if not isinstance(column.type, Encrypted | LargeBinary):
                open_columns.append(name)
    assert open_columns == []


def test_tables_with_sealed_columns_have_a_persons_key(app: Flask):
    keyless = [
        mapper.class_.__name__
        for mapper in Base.registry.mappers
        if any(isinstance(c.type, Encrypted) for c in mapper.local_table.columns)
        and not issubclass(mapper.class_, HasPersonKey)
    ]
    assert keyless == []


def test_every_workflow_state_can_be_reached_and_every_source_exists(app: Flask):
    for name, workflow in ALL.items():
        targets = {t.target for t in workflow.transitions.values()}
        starts = set(workflow.states) - targets
        assert len(starts) <= 1, f"{name}: no arrow leads to {sorted(starts)}"


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_compile_and_hold_no_inline_script_or_style(app: Flask, path: Path):
    text = path.read_text(encoding="utf-8")
    app.jinja_env.parse(text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"", text), "inline style or handler"
    assert not re.search(r"(margin|padding)-(left|right)|text-align:\s*(left|right)", text)


def test_logs_are_written_by_structlog_and_nothing_prints():
    found = [where(p, n) for p in sources() for n in calls(p) if isinstance(n.func, ast.Name) and n.func.id == "print"]
    assert found == []


def test_no_query_starts_in_a_template(app: Flask):
    lazy = [
        f"{mapper.class_.__name__}.{relation.key}"
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
        if relation.lazy not in ("raise_on_sql", "raise", "noload", "write_only")
    ]
    assert lazy == []


def test_journeys_wait_for_the_page_that_a_click_leads_to():
    """``click`` returns before the answer is there: ``kit.follow`` waits. Folds and downloads lead to no page."""
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "tests" / "journeys").glob("*.py"))
        for before, line in pairwise(path.read_text(encoding="utf-8").splitlines())
        if ".click()" in line and "summary" not in line and "with " not in before
    ]
    assert found == []
