#!/usr/bin/env python3
"""Check an exported register log by yourself, without this system and without a network.

    python3 verify_register.py register-log.jsonl [--head SAVED ...] [--keys JWKS] [--status NUMBER DAY]

Needs Python 3.9 or newer and nothing else; signatures are checked when the package `cryptography` is there, and the output
says so when it is not. SAVED is a head that you kept: the JSON of /register/log/head, or a head-*.jws file. Exit code 0: all
is well; 1: something is wrong, each thing in a line that begins with WRONG; 2: a file can't be read.

The format is told in docs/register-log.md. This program shares no line with the system that it checks.
"""

import argparse
import base64
import datetime as dt
import hashlib
import json
import sys

SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)
PARTS = {
    "agency", "class", "day", "event", "imported", "index", "licence", "order", "order_kind", "previous", "recorded",
    "status", "until", "version",
}  # fmt: skip
wrong = []


def say(text):
    sys.stdout.write(text + "\n")


def find(text):
    wrong.append(text)
    say("WRONG: " + text)


# --- RFC 6962 section 2.1, as it is written there --------------------------------------------------------------------


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def roots_at(hashes, sizes):
    """The Merkle tree heads over the first so many leaf hashes, for each of the sizes, in one walk.

    What stands on the stack are the roots of complete subtrees, the largest first.
    """
    found, stack, sizes = {0: hashlib.sha256(b"").digest()}, [], set(sizes)
    for size, reached in enumerate(hashes, start=1):
        height = 0
        while stack and stack[-1][0] == height:
            reached, height = node_hash(stack.pop()[1], reached), height + 1
        stack.append((height, reached))
        if size in sizes:
            for _height, left in reversed(stack[:-1]):
                reached = node_hash(left, reached)
            found[size] = reached
    return found


def leaf_hash(line):
    return hashlib.sha256(b"\x00" + line.encode("utf-8")).digest()


# --- signatures: ES256 (RFC 7515, RFC 7518) ----------------------------------------------------------------------------


def unpack(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def signature_check():
    """A function that checks one JWS with a set of keys, or None when there is no library for it."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, utils
        from cryptography.hazmat.primitives.hashes import SHA256
    except ImportError:
        return None

    def check(token, keys):
        head, body, signature = token.split(".")
        about, raw = json.loads(unpack(head)), unpack(signature)
        if about.get("alg") != "ES256" or about.get("typ") != "register-head" or len(raw) != 64:
            return False
        pair = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        for key in keys:
            if key.get("kid") == about.get("kid") and key.get("crv") == "P-256":
                x, y = (int.from_bytes(unpack(key[c]), "big") for c in ("x", "y"))
                public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
                try:
                    public.verify(pair, (head + "." + body).encode("ascii"), ec.ECDSA(SHA256()))
                    return True
                except InvalidSignature:
                    return False
        return False

    return check


def instant(text):
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 -- all of them are UTC


def read_head(token):
    """What a head says: number, size, root and times."""
    claims = json.loads(unpack(token.split(".")[1]))
    return {
        "number": claims["number"],
        "size": claims["size"],
        "root": bytes.fromhex(claims["root"]),
        "at": instant(claims["at"]),
        "floor": instant(claims["floor"]),
        "token": token,
    }


# --- reading -----------------------------------------------------------------------------------------------------------


def read_log(path):
    with open(path, encoding="utf-8", newline="") as file:
        first, *lines = file.read().rstrip("\n").split("\n")
    about = json.loads(first)
    if about.get("format") != "openpassage-register-log" or about.get("version") != 1:
        raise ValueError("not an exported register log")
    leaves = [line for line in lines if not line.startswith('{"head":')]
    heads = [read_head(json.loads(line)["head"]) for line in lines if line.startswith('{"head":')]
    return about, leaves, heads


def read_saved(path):
    with open(path, encoding="utf-8") as file:
        text = file.read().strip()
    return read_head(json.loads(text)["jws"] if text.startswith("{") else text)


def read_leaf(line):
    """The parts of a leaf, None when the line is none in the one form that a leaf has."""
    try:
        parts = json.loads(line)
        again = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if not isinstance(parts, dict) or set(parts) != PARTS or parts["version"] != 1 or again != line:
            return None
        parts["recorded_at"] = instant(parts["recorded"])
        parts["day_at"] = dt.date.fromisoformat(parts["day"])
        parts["until_at"] = dt.date.fromisoformat(parts["until"]) if parts["until"] else None
        return parts
    except (ValueError, TypeError):
        return None


# --- checks --------------------------------------------------------------------------------------------------------------


def check_leaves(lines):
    """Each leaf's form, place, link to the one before, and day."""
    leaves, previous = [], "0" * 64
    for place, line in enumerate(lines):
        leaf = read_leaf(line)
        leaves.append(leaf)
        if leaf is None:
            find(f"Entry {place} is not a leaf of this log: it was changed.")
        elif leaf["index"] != place:
            find(f"Entry {leaf['index']} stands at place {place}: entries were deleted, added or moved before it.")
        elif leaf["previous"] != previous:
            find(f"Entry {place} is not linked to the entry before it: entry {place - 1} was changed.")
        if leaf is not None:
            check_day(place, leaf)
        previous = leaf_hash(line).hex()
    return leaves


def check_day(place, leaf):
    if leaf["imported"] or leaf["day_at"] >= leaf["recorded_at"].date() - DAY:
        return
    ended = leaf["event"] == "expired" or leaf["event"].endswith("_lapsed")
    if not (ended and leaf["until_at"] and leaf["day_at"] == leaf["until_at"] + DAY):
        find(
            f"Entry {place} is back-dated: {leaf['event']} ({leaf['licence'] or leaf['order']}) is to count from "
            f"{leaf['day']}, but was recorded on {leaf['recorded'][:10]}."
        )


def check_story(leaves):
    """A licence is issued once and first; an order is made before anything else happens to it."""
    issued, orders = set(), set()
    for place, leaf in enumerate(leaves):
        if leaf is None:
            continue
        if leaf["licence"]:
            if leaf["event"] == "issued" and leaf["licence"] in issued:
                find(f"Entry {place} issues {leaf['licence']} again.")
            elif leaf["event"] != "issued" and leaf["licence"] not in issued:
                find(f"Entry {place} speaks of {leaf['licence']}, whose issue is not in the log.")
            issued.add(leaf["licence"])
        elif leaf["order"]:
            if not leaf["event"].endswith("_ordered") and leaf["order"] not in orders and not leaf["imported"]:
                find(f"Entry {place} speaks of order {leaf['order']}, which is not in the log.")
            orders.add(leaf["order"])


def check_heads(heads, roots, leaves):
    before = None
    for place, head in enumerate(heads, start=1):
        where = f"head {head['number']}"
        if head["number"] != place:
            find(f"Head {place} is missing: {where} stands in its place.")
        if before and head["size"] < before["size"]:
            find(f"Head {head['number']} covers fewer entries than the one before it: the log shrank.")
        if head["size"] > len(leaves):
            find(f"The tail was cut: {where} covers {head['size']} entries, the log has {len(leaves)}.")
        elif roots[head["size"]] != head["root"]:
            find(f"The entries under {where} are not the ones that were sealed.")
        for entry in range(before["size"] if before else 0, min(head["size"], len(leaves))):
            leaf = leaves[entry]
            if leaf and before and leaf["recorded_at"] < before["floor"] - SECOND:
                find(
                    f"Entry {entry} is back-dated: it says that it was recorded at {leaf['recorded']}, "
                    f"but head {before['number']} was sealed without it."
                )
            if leaf and leaf["recorded_at"] > head["at"] + SECOND:
                find(f"Entry {entry} carries a time after its seal, {where}.")
        before = head
    covered = heads[-1]["size"] if heads else 0
    if len(leaves) > covered:
        find(f"Entries {covered} to {len(leaves) - 1} stand under no head: they were added without a seal.")


def check_saved(saved, heads, roots, size):
    good = 0
    for head in sorted(saved, key=lambda h: h["size"]):
        where = f"the saved head {head['number']} of {head['at']:%Y-%m-%d %H:%M}"
        if head["size"] > size:
            find(f"The tail was cut: {where} covers {head['size']} entries, the log has {size}.")
        elif roots[head["size"]] != head["root"]:
            find(
                f"History was rewritten: among the entries {good} to {head['size'] - 1} are others than those under {where}."
            )
        else:
            good = head["size"]
            twin = next((h for h in heads if h["number"] == head["number"]), None)
            if twin is None:
                find(f"The log's own list of heads lacks {where}.")
            elif twin["root"] != head["root"]:
                find(
                    f"The log shows another head {head['number']} than {where}: it tells different people different things."
                )


def check_signatures(heads, saved, keys):
    check = signature_check()
    if check is None:
        say("NOT CHECKED: signatures, because the package `cryptography` is not installed. All else was checked.")
        return
    for head in heads + saved:
        if not check(head["token"], keys):
            find(f"The signature of head {head['number']} is wrong: it was not made with a key of this register.")


def tell_status(leaves, number, day):
    """How the agency with this licence number stood on a day, by the leaves alone."""
    try:
        on = dt.date.fromisoformat(day)
    except ValueError:
        sys.exit(f"{day} is no day that can be read: write it as 2026-11-28.")
    agency = next((leaf["agency"] for leaf in leaves if leaf and leaf["licence"] == number), None)
    if agency is None:
        say(f"{number}: the log has no such licence.")
        return
    licences, issued, orders = {}, [], {}
    own = [leaf for leaf in leaves if leaf and leaf["agency"] == agency and leaf["day_at"] <= on]
    for leaf in sorted(own, key=lambda each: (each["day_at"], each["index"])):
        if leaf["event"] in ("closed", "closed_unpaid", "paid_up"):
            continue  # how a winding down ended: the leaf before it says how the agency stands
        if leaf["licence"]:
            licences[leaf["licence"]] = leaf
            issued += [leaf["licence"]] if leaf["event"] == "issued" else []
        elif leaf["order"]:
            orders[leaf["order"]] = leaf
    newest = next((licences[n] for n in reversed(issued) if licences[n]["status"] != "deleted"), None)
    listed = next((o for o in orders.values() if o["order_kind"] == "blacklisting" and o["status"] == "in_force"), None)
    because = listed or newest
    if listed:
        status = "blacklisted"
    elif newest is None:
        status = "not_licensed"
    elif newest["status"] == "active":
        status = "licensed" if newest["until_at"] >= on else "expired"
    elif newest["status"] == "suspended":
        status = "suspended" if newest["until_at"] >= on else "expired"
    else:
        status = newest["status"]
    reason = f" (entry {because['index']}, order {because['order'] or 'none'})" if because else ""
    say(f"{number} on {day}: {status}{reason}")


def main():
    parser = argparse.ArgumentParser(description="Check an exported register log.")
    parser.add_argument("log")
    parser.add_argument("--head", action="append", default=[], help="a head that you saved; may be repeated")
    parser.add_argument("--keys", help="a key set that you saved, to be trusted instead of the one in the log")
    parser.add_argument("--status", nargs=2, metavar=("NUMBER", "DAY"), help="tell how a licence stood on a day")
    chosen = parser.parse_args()
    try:
        about, lines, heads = read_log(chosen.log)
        saved = [read_saved(path) for path in chosen.head]
        keys = about["keys"]
        if chosen.keys:
            with open(chosen.keys, encoding="utf-8") as file:
                keys = json.load(file)["keys"]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        sys.stderr.write(f"This can't be read: {error}\n")
        return 2
    hashes = [leaf_hash(line) for line in lines]
    roots = roots_at(hashes, [len(hashes), *(head["size"] for head in heads + saved)])
    say(f"Log of {about.get('origin')}: {len(lines)} entries, {len(heads)} heads, root {roots[len(hashes)].hex()}")
    leaves = check_leaves(lines)
    check_story(leaves)
    check_heads(heads, roots, leaves)
    check_saved(saved, heads, roots, len(lines))
    check_signatures(heads, saved, keys)
    late = {}
    for leaf in leaves:
        if leaf and leaf["imported"]:
            late[leaf["recorded"][:10]] = late.get(leaf["recorded"][:10], 0) + 1
    for day in sorted(late):
        say(f"Taken over from an older register, recorded on {day}: {late[day]} entries")
    if chosen.status:
        tell_status(leaves, *chosen.status)
    if wrong:
        return 1
    say(
        "The log is whole."
        if saved
        else "The log is whole. Only a head that you saved shows that it was not rewritten."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
