"""Checking an exported log: by the command line, and by the program that shares nothing with this system."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from agencies.register_log import export
from agencies.register_log.export import export_lines
from agencies.register_log.models import RegisterHead
from agencies.register_log.services import last_head
from core import db as core_db
from core.settings import ROOT
from core.signing import public_jwks
from portal.register.cli import register
from tests.agencies.register_log import stories

SCRIPT = ROOT / "tools" / "verify_register.py"
STRANGER = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "kid": "stranger",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
    ]
}


@pytest.fixture
def exported(told, tmp_path):
    """An exported log with the three heads that somebody saved, and the lines of the log."""
    sessions, *names = told
    with sessions() as session:
        lines = list(export_lines(session, last_head(session)))
        heads = session.scalars(select(RegisterHead.token).order_by(RegisterHead.number)).all()
    for number, token in enumerate(heads, start=1):
        (tmp_path / f"head-{number}.jws").write_text(token)
    (tmp_path / "keys.json").write_text(json.dumps(public_jwks()))
    return tmp_path, lines, names


def both(folder, lines, *arguments, saved=("head-1.jws", "head-2.jws", "head-3.jws")):
    """What is found wrong by the command line and by the standalone program; they must agree."""
    log = folder / "log.jsonl"
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    heads = [part for name in saved for part in ("--head", str(folder / name))]
    own = CliRunner().invoke(register, ["verify", "--log", str(log), *heads, *arguments])
    other = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(log), *heads, *arguments],
        capture_output=True, text=True, cwd=folder, check=False,
    )  # fmt: skip
    assert own.exit_code == other.returncode, (own.output, other.stdout, other.stderr)
    found = [[line for line in text.splitlines() if line.startswith("WRONG")] for text in (own.output, other.stdout)]
    assert bool(found[0]) == bool(found[1]) == (own.exit_code == 1)
    return found[0], found[1], own.output + other.stdout


def changed(lines, place, old, new):
    assert old in lines[place]
    return [*lines[:place], lines[place].replace(old, new), *lines[place + 1 :]]


def resealed(lines, start):
    """What a forger does next: links and places made right again from ``start`` on. Signed heads he can't make."""
    import hashlib

    leaves = [line for line in lines[1:] if not line.startswith('{"head":')]
    heads = [line for line in lines[1:] if line.startswith('{"head":')]
    for place in range(start, len(leaves)):
        parts = json.loads(leaves[place])
        parts["index"] = place
        parts["previous"] = hashlib.sha256(b"\0" + leaves[place - 1].encode()).hexdigest() if place else "0" * 64
        leaves[place] = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return [lines[0], *leaves, *heads]


def test_an_export_is_whole_and_its_first_leaf_is_hashed_by_hand(exported):
    import hashlib

    folder, lines, _names = exported
    own, other, text = both(folder, lines, "--keys", str(folder / "keys.json"))
    assert own == other == []
    assert "10 entries" in text
    assert "NOT CHECKED" not in text
    assert json.loads(lines[2])["previous"] == hashlib.sha256(b"\0" + lines[1].encode()).hexdigest()


def tampered(lines):
    """Each way to spoil an export: name, lines, what both must say."""
    head = next(place for place, line in enumerate(lines) if line.startswith('{"head":'))
    suspended = next(place for place, line in enumerate(lines) if '"event":"suspended"' in line)
    yield "edited", changed(lines, suspended, '"status":"suspended"', '"status":"active"'), "is not linked"
    yield (
        "edited and linked anew",
        resealed(changed(lines, suspended, '"status":"suspended"', '"status":"active"'), suspended),
        "not the ones that were sealed",
    )
    yield "deleted", [*lines[:suspended], *lines[suspended + 1 :]], "stands at place 3"
    yield "deleted and linked anew", resealed([*lines[:suspended], *lines[suspended + 1 :]], 0), "The tail was cut"
    old = json.loads(lines[suspended])["day"]
    yield "back-dated", changed(lines, suspended, f'"day":"{old}"', '"day":"2020-02-01"'), "is back-dated: suspended"
    recorded = json.loads(lines[suspended])["recorded"]
    yield "recorded earlier", changed(lines, suspended, recorded, "2020-02-01T00:00:00.000000Z"), "sealed without it"
    yield "cut tail", [*lines[: head - 4], *lines[head:-1]], "The tail was cut: the saved head 3"
    yield "added without a seal", [*lines[:head], lines[head - 1], *lines[head:]], "stand under no head"
    yield "not canonical", changed(lines, 1, ",", ", "), "is not a leaf of this log"
    yield "a head left out", [*lines[:head], *lines[head + 1 :]], "Head 1 is missing"
    token = json.loads(lines[-1])["head"]
    other = token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB")
    yield "wrong signature", [*lines[:-1], json.dumps({"head": other}, separators=(",", ":"))], "The signature of"
    yield "history begun anew", [lines[0], *resealed([lines[0], *lines[2:head]], 0)[1:]], "History was rewritten"


def test_every_way_to_spoil_an_export_is_named_by_both(exported):
    folder, lines, _names = exported
    for name, spoilt, words in tampered(lines):
        own, other, _text = both(folder, spoilt)
        assert any(words in line for line in own), (name, own)
        assert any(words in line for line in other), (name, other)


def test_a_key_set_of_ones_own_is_trusted_instead_of_the_logs(exported):
    folder, lines, _names = exported
    (folder / "stranger.json").write_text(json.dumps(STRANGER))
    own, other, _text = both(folder, lines, "--keys", str(folder / "stranger.json"))
    assert len(own) == len(other) == 6
    assert all("The signature of" in line for line in (*own, *other))


def test_without_a_library_for_signatures_the_program_says_so_and_checks_the_rest(exported):
    folder, lines, names = exported
    log = folder / "log.jsonl"
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    script = (
        "import runpy, sys; sys.modules['cryptography'] = None; "
        f"sys.argv[0] = {str(SCRIPT)!r}; runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    today = json.loads(lines[1])["day"]
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(log), "--head", str(folder / "head-2.jws"), "--status", names[1], today],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "NOT CHECKED: signatures" in told.stdout
    assert f"{names[1]} on {today}: blacklisted (entry 8, order SN-" in told.stdout
    assert "The log is whole.\n" in told.stdout


def test_files_that_are_no_log_or_no_head_are_said_to_be_none(exported):
    folder, _lines, _names = exported
    (folder / "other.txt").write_text("hello\n")
    (folder / "log.jsonl").write_text('{"format":"other"}\n')
    for arguments in (["--log", str(folder / "log.jsonl")], ["--log", str(folder / "nowhere")]):
        told = CliRunner().invoke(register, ["verify", *arguments])
        assert told.exit_code == 1
        assert "no exported register log" in told.output or "can't be read" in told.output
    told = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(folder / "other.txt")], capture_output=True, check=False
    )
    assert told.returncode == 2


def test_the_command_line_seals_exports_and_verifies_the_servers_own_log(told, tmp_path, monkeypatch):
    from contextlib import contextmanager

    from portal import cli

    sessions = told[0]

    @contextmanager
    def own_session():
        with sessions() as session:
            yield session

    monkeypatch.setattr(cli, "_session", own_session)
    run = CliRunner()
    head = run.invoke(cli.main, ["register", "head"])
    assert json.loads(head.output)["size"] == 10
    (tmp_path / "saved.json").write_text(head.output)
    written = run.invoke(cli.main, ["register", "export", str(tmp_path / "log.jsonl")])
    assert "Wrote 10 entries and 3 heads." in written.output
    offline = run.invoke(
        cli.main,
        ["register", "verify", "--log", str(tmp_path / "log.jsonl"), "--head", str(tmp_path / "saved.json")],
    )
    assert (offline.exit_code, "It begins with what the saved heads stand over." in offline.output) == (0, True)
    online = run.invoke(cli.main, ["register", "verify", "--head", str(tmp_path / "saved.json")])
    assert (online.exit_code, "the register says what its log says" in online.output) == (0, True)
    stories.as_superuser("UPDATE register_leaf SET body = body || ' ' WHERE index = 2")
    assert run.invoke(cli.main, ["register", "verify"]).exit_code == 1


def test_the_export_is_sent_in_parts_that_hold_no_connection_and_verifies(told, app, tmp_path, monkeypatch):
    sessions = told[0]
    monkeypatch.setattr(export, "AT_ONCE", 4)
    with sessions() as session:
        lines = list(export_lines(session, last_head(session)))
    answer = app.test_client().get("/register/log/export", buffered=False)
    assert answer.is_streamed
    assert answer.content_length is None
    parts, held = [], []
    for part in answer.response:
        parts.append(part)
        held.append(core_db._engine.pool.checkedout())
    answer.close()
    # The first line, ten entries four at a time, three heads at once: no part is bigger than that, none keeps a connection.
    assert [part.count(b"\n") for part in parts] == [1, 4, 4, 2, 3]
    assert set(held) == {0}
    assert b"".join(parts).decode() == "".join(f"{line}\n" for line in lines)
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join(parts))
    run = subprocess.run([sys.executable, "-I", str(SCRIPT), str(log)], capture_output=True, text=True, check=False)
    assert (run.returncode, "WRONG" in run.stdout) == (0, False)
    assert app.test_client().head("/register/log/export").get_data() == b""
