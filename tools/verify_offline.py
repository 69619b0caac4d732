"""Check the QR of a licence or a card without a network: key set and status list were saved before (docs/verify-offline.md).

Needs joserfc alone. Exit code 0 for a valid paper, 1 for one that is not.
"""

import argparse
import base64
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

KINDS = {"licence": ("licences", "lid"), "branch": ("cards", "cid"), "representative": ("cards", "cid")}


class NotValid(Exception):
    """Why a paper is not valid."""


def opened(token: str, keys: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Kind and claims of a token that one of these keys signed."""
    try:
        head = token.split(".")[0]
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        kind, key = str(header["typ"]), header["kid"]
    except (ValueError, KeyError, TypeError):
        raise NotValid("this is no code of ours, or it was changed") from None
    if key not in {k.get("kid") for k in keys["keys"]}:
        raise NotValid("signed with a key that is not ours, or that is not used any more")
    try:
        found = jws.deserialize_compact(token, KeySet.import_key_set(keys), algorithms=["ES256"])  # type: ignore[arg-type]
        return kind, json.loads(found.payload)
    except (JoseError, ValueError):
        raise NotValid("this is no code of ours, or it was changed") from None


def check(token: str, keys: dict[str, Any], status: dict[str, Any], today: date) -> dict[str, Any]:
    """The claims of a valid paper.

    :raises NotValid: with the reason.
    """
    kind, claims = opened(token.strip().rsplit("/verify/", 1)[-1], keys)
    if kind not in KINDS:
        raise NotValid("this belongs to another kind of paper")
    list_kind, listed = opened(status["status_list"], keys)
    if list_kind != "status-list":
        raise NotValid("the status list is none")
    age = (today - date.fromisoformat(listed["day"])).days
    if not 0 <= age <= 1:
        raise NotValid(f"the status list is of {listed['day']}: fetch a new one")
    part, name = KINDS[kind]
    word = listed[part].get(claims.get(name, ""))
    if word:
        raise NotValid(f"{word}, by the list of {listed['day']}")
    if not date.fromisoformat(claims["from"]) <= today <= date.fromisoformat(claims["until"]):
        raise NotValid(f"it was valid from {claims['from']} until {claims['until']}")
    return claims


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Check a licence or a card without a network.")
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--status", type=Path, required=True)
    parser.add_argument("--on", type=date.fromisoformat, default=None, help="the day, YYYY-MM-DD; today unless told")
    parser.add_argument("token")
    given = parser.parse_args(arguments)
    try:
        claims = check(
            given.token,
            json.loads(given.keys.read_text()),
            json.loads(given.status.read_text()),
            given.on or date.today(),  # noqa: DTZ011 -- the day where the scanner is
        )
    except NotValid as reason:
        sys.stdout.write(f"not valid: {reason}\n")
        return 1
    sys.stdout.write("valid\n" + "".join(f"{name}: {value}\n" for name, value in sorted(claims.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
