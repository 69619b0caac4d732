"""Heads in places outside the operator's control: a folder, and a conforming time stamp authority over HTTP."""

import subprocess
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from agencies.register_log.folder import FolderAnchor
from agencies.register_log.models import RegisterAnchor
from agencies.register_log.port import AnchorFailed
from agencies.register_log.timestamps import TimestampAnchor, WrongToken, load_trusted, request, token_of, verify
from core import der, settings
from core.errors import ConfigurationError
from core.jobs import run_schedule_now, run_waiting
from core.merkle import Tree, leaf_hash
from core.settings import configure, load_settings
from tests.agencies.register_log import stories
from tests.doubles import timestamp_authority
from tests.portal.test_documents import GOOD

HEAD = "eyJ.made-up.head"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    with timestamp_authority.running(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def stamped(authority):
    """An authority in good order, and an anchor that asks it."""
    authority.signer, authority.ess, authority.fault = "rsa", "sha256", ""
    return authority, TimestampAnchor(authority.url, authority.folder / "ca.pem")


@pytest.mark.parametrize(
    ("signer", "ess"), [("rsa", "sha256"), ("rsa", "sha1"), ("ecdsa", "sha256"), ("ecdsa", "sha384")]
)
def test_a_head_is_stamped_and_the_stamp_proves_it_and_nothing_else(stamped, signer, ess, tmp_path):
    authority, anchor = stamped
    authority.signer, authority.ess = signer, ess
    token = anchor.keep(1, HEAD, Tree())
    trusted = load_trusted(authority.folder / "ca.pem")
    assert verify(token, HEAD.encode(), trusted=trusted).signer.subject.rfc4514_string() == f"CN={signer}"
    with pytest.raises(WrongToken, match="something else"):
        verify(token, b"another head", trusted=trusted)
    with pytest.raises(WrongToken, match="nonce"):
        verify(token, HEAD.encode(), trusted=trusted, nonce=5)
    with pytest.raises(WrongToken, match="trusted authority"):
        verify(token, HEAD.encode(), trusted=load_trusted(authority.folder / "stranger.pem"))
    # And by a program that is not ours, as docs/register-log.md says.
    (tmp_path / "head.jws").write_text(HEAD)
    (tmp_path / "head.tst").write_bytes(token)
    command = [
        "openssl",
        "ts",
        "-verify",
        "-data",
        "head.jws",
        "-in",
        "head.tst",
        "-token_in",
        "-CAfile",
        str(authority.folder / "ca.pem"),
    ]
    assert b"Verification: OK" in subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout


def test_our_question_is_one_that_openssl_reads(tmp_path):
    (tmp_path / "q.tsq").write_bytes(request(sha256(b"head").digest(), 2**63 - 1))
    command = ["openssl", "ts", "-query", "-in", "q.tsq", "-text"]
    told = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "Hash Algorithm: sha256" in told
    assert "Nonce: 0x7FFFFFFFFFFFFFFF" in told
    assert "Certificate required: yes" in told


def test_every_changed_byte_of_a_token_is_noticed(stamped):
    authority, anchor = stamped
    authority.signer = "ecdsa"
    token = anchor.keep(1, HEAD, Tree())
    trusted = load_trusted(authority.folder / "ca.pem")
    passed = []
    for place in range(len(token)):
        spoilt = token[:place] + bytes([token[place] ^ 0x04]) + token[place + 1 :]
        try:
            verify(spoilt, HEAD.encode(), trusted=trusted)
        except WrongToken:
            continue
        passed.append(place)
    # What no signature covers: versions and algorithm names around it, and the authority's own certificate sent along.
    signed = token.index(sha256(HEAD.encode()).digest())
    assert not any(signed <= place < signed + 32 for place in passed)
    assert len(passed) < len(token) / 2
    when = verify(token, HEAD.encode(), trusted=trusted)
    for place in passed:
        spoilt = token[:place] + bytes([token[place] ^ 0x04]) + token[place + 1 :]
        assert verify(spoilt, HEAD.encode(), trusted=trusted) == when


@pytest.mark.parametrize(
    ("fault", "why"), [("down", "did not answer"), ("changed byte", "signature is wrong"), ("other answer", "nonce")]
)
def test_an_answer_that_breaks_a_rule_is_refused(stamped, fault, why):
    authority, anchor = stamped
    anchor.keep(1, HEAD, Tree())
    authority.fault = fault
    with pytest.raises(AnchorFailed, match=why):
        anchor.keep(1, HEAD, Tree())


def test_an_authority_that_refuses_or_talks_nonsense_is_no_proof(stamped):
    refusal = der.sequence(der.sequence(der.integer(2)))
    for answer, why in (
        (refusal, r"refused \(status 2\)"),
        (b"<html>", "no time stamp response"),
        (b"", "no time stamp"),
    ):
        with pytest.raises(WrongToken, match=why):
            token_of(answer)
    with pytest.raises(WrongToken, match="malformed"):
        verify(b"\x30\x03abc", b"", trusted=[])
    with pytest.raises(AnchorFailed, match="reached"):
        TimestampAnchor("http://127.0.0.1:9/", stamped[0].folder / "ca.pem").keep(1, HEAD, Tree())


@given(number=st.integers(-(2**70), 2**70), content=st.binary(max_size=300))
def test_der_reads_what_it_writes_and_refuses_what_goes_on(number, content):
    written = der.sequence(der.integer(number), der.write(der.OCTETS, content), der.name("2.16.840.1.101.3.4.2.1"))
    first, second, third = der.read(written).parts()
    assert (first.number(), second.content, third.name()) == (number, content, "2.16.840.1.101.3.4.2.1")
    for wrong in (written + b"\0", written[:-1], b"\x30\x80\x00\x00", b"\x04\x81\x01x", b"\x1f\x01\x00"):
        with pytest.raises(ValueError, match=r"DER|after the end"):
            der.read(wrong)


# --- the folder and the daily job --------------------------------------------------------------------------------------


def test_the_daily_job_brings_a_fresh_head_to_every_place_once(told, stamped, tmp_path):
    sessions = told[0]
    authority, _anchor = stamped
    folder = tmp_path / "elsewhere"
    configure(
        replace(
            settings.current(),
            anchor_folder=folder,
            timestamp_url=authority.url,
            timestamp_ca=authority.folder / "ca.pem",
        )
    )
    asked = authority.asked
    with sessions() as session:
        run_schedule_now("register_log.anchor", session)
        run_waiting(session)
        session.commit()
        kept = {a.place: a for a in session.scalars(select(RegisterAnchor))}
    head = stories.newest(sessions)
    assert (head.number, head.size) == (4, 10)
    assert set(kept) == {"folder", "timestamp"}
    assert {a.head_number for a in kept.values()} == {4}
    saved = folder / "head-00000004.jws"
    assert saved.read_text() == head.token
    trusted = load_trusted(authority.folder / "ca.pem")
    assert verify(kept["timestamp"].receipt, head.token.encode(), trusted=trusted).at <= kept["timestamp"].at
    assert stories.verify(sessions, saved.read_text()) == []
    # A job may run twice.
    from agencies.register_log.jobs import anchor_head

    with sessions() as session:
        for place in ("folder", "timestamp"):
            anchor_head(session, place, 4)
        assert len(session.scalars(select(RegisterAnchor)).all()) == 2
    assert authority.asked == asked + 1


def test_a_folder_never_loses_a_head_and_takes_none_of_another_history(told, tmp_path):
    sessions = told[0]
    head = stories.newest(sessions)
    anchor = FolderAnchor(tmp_path)
    with sessions() as session:
        from agencies.register_log.queries import tree_under

        tree = tree_under(session, head)
    assert anchor.keep(3, head.token, tree) == anchor.keep(3, head.token, tree) == b"head-00000003.jws"
    with pytest.raises(AnchorFailed, match="another head of this number"):
        anchor.keep(3, HEAD, tree)
    assert (tmp_path / "head-00000003.jws").read_text() == head.token
    other = Tree(leaf_hash(b"%d" % n) for n in range(12))
    for log in (other, Tree()):
        with pytest.raises(AnchorFailed, match="another history"):
            anchor.keep(4, HEAD, log)
    assert [p.name for p in tmp_path.iterdir()] == ["head-00000003.jws"]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"TIMESTAMP_URL": "https://tsa.example"}, "go together"),
        ({"TIMESTAMP_CA": "/etc/hostname"}, "go together"),
        ({"TIMESTAMP_URL": "ftp://tsa.example", "TIMESTAMP_CA": "/etc/hostname"}, "http"),
        ({"TIMESTAMP_URL": "https://tsa.example", "TIMESTAMP_CA": "/nowhere"}, "can't be read"),
    ],
)
def test_half_a_time_stamp_setting_stops_the_start(changed, named):
    with pytest.raises(ConfigurationError, match=named):
        load_settings({**GOOD, **changed})
    assert load_settings(GOOD).anchor_folder is None
    assert load_settings({**GOOD, "DEMO": "1"}).anchor_folder.name == "anchors"
