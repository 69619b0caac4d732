"""Merkle proofs against the plain recursive definitions of RFC 6962, and against the vectors of Certificate Transparency."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.merkle import EMPTY, Tree, extends, includes, leaf_hash, root_of

# The eight leaves, roots and proofs with which the reference implementation of RFC 6962 tests itself.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
INCLUSION = {
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCY = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
LARGEST = 70


def power(size):
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def plain_root(leaves):
    """MTH, as the RFC writes it."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = power(len(leaves))
    return sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def plain_path(index, leaves):
    """PATH, as the RFC writes it."""
    if len(leaves) == 1:
        return []
    k = power(len(leaves))
    if index < k:
        return [*plain_path(index, leaves[:k]), plain_root(leaves[k:])]
    return [*plain_path(index - k, leaves[k:]), plain_root(leaves[:k])]


def plain_proof(first, leaves, whole=True):
    """SUBPROOF, as the RFC writes it."""
    if first == len(leaves):
        return [] if whole else [plain_root(leaves)]
    k = power(len(leaves))
    if first <= k:
        return [*plain_proof(first, leaves[:k], whole), plain_root(leaves[k:])]
    return [*plain_proof(first - k, leaves[k:], False), plain_root(leaves[:k])]


MANY = [f"leaf {n}".encode() for n in range(LARGEST)]
GROWN = Tree(leaf_hash(leaf) for leaf in MANY)


def test_the_reference_vectors_hold():
    tree = Tree(leaf_hash(leaf) for leaf in LEAVES)
    assert tuple(tree.root(n).hex() for n in range(1, 9)) == ROOTS
    assert {k: tuple(h.hex() for h in tree.inclusion(*k)) for k in INCLUSION} == INCLUSION
    assert {k: tuple(h.hex() for h in tree.consistency(*k)) for k in CONSISTENCY} == CONSISTENCY
    assert Tree().root() == EMPTY == sha256().digest()


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_proof_of_every_size_is_the_plain_one_and_proves_only_what_is_so(size):
    leaves, root = MANY[:size], plain_root(MANY[:size])
    assert root_of(leaves) == GROWN.root(size) == root
    for index in range(size):
        path = GROWN.inclusion(index, size)
        assert path == plain_path(index, leaves)
        assert includes(root, size=size, index=index, found=leaf_hash(leaves[index]), path=path)
        assert not includes(root, size=size, index=index, found=leaf_hash(b"another"), path=path)
        if size > 1:
            other = (index + 1) % size
            assert not includes(root, size=size, index=other, found=leaf_hash(leaves[index]), path=path)
    for first in range(1, size + 1):
        proof = GROWN.consistency(first, size)
        assert proof == plain_proof(first, leaves)
        assert extends(first, GROWN.root(first), size, root, proof)
        assert not extends(first, leaf_hash(b"another"), size, root, proof)
        assert not extends(first, GROWN.root(first), size, leaf_hash(b"another"), proof)


@settings(max_examples=150, deadline=None)
@given(size=st.integers(2, LARGEST), data=st.data(), bit=st.integers(0, 255), extra=st.binary(min_size=32, max_size=32))
def test_a_changed_proof_proves_nothing(size, data, bit, extra):
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    root = GROWN.root(size)
    for proof, check in (
        (
            GROWN.inclusion(index, size),
            lambda p: includes(root, size=size, index=index, found=leaf_hash(MANY[index]), path=p),
        ),
        (GROWN.consistency(first, size), lambda p: extends(first, GROWN.root(first), size, root, p)),
    ):
        assert check(proof)
        place = data.draw(st.integers(0, len(proof) - 1))
        flipped = bytearray(proof[place])
        flipped[bit // 8] ^= 1 << bit % 8
        assert not check([*proof[:place], bytes(flipped), *proof[place + 1 :]])
        assert not check([*proof, extra])
        assert not check(proof[:-1])


@settings(max_examples=60, deadline=None)
@given(leaves=st.lists(st.binary(max_size=8), min_size=2, max_size=LARGEST), data=st.data())
def test_a_rewritten_beginning_has_no_consistency_proof(leaves, data):
    changed = data.draw(st.integers(0, len(leaves) - 1))
    first = data.draw(st.integers(changed + 1, len(leaves)))
    other = [*leaves]
    other[changed] += b"!"
    before, after = Tree(map(leaf_hash, leaves)), Tree(map(leaf_hash, other))
    assert not extends(first, before.root(first), len(other), after.root(), after.consistency(first))


def test_a_tree_refuses_what_it_can_not_prove():
    tree = Tree(map(leaf_hash, MANY[:5]))
    for wrong in ((5, 5), (-1, 5), (0, 6)):
        with pytest.raises(ValueError, match=r"no such leaf|smaller"):
            tree.inclusion(*wrong)
    for wrong in ((0, 5), (6, 5), (3, 6)):
        with pytest.raises(ValueError, match=r"a proof leads|smaller"):
            tree.consistency(*wrong)
    assert not includes(tree.root(), size=5, index=5, found=leaf_hash(MANY[4]), path=[])
    assert not extends(0, EMPTY, 5, tree.root(), [])
    assert not extends(6, tree.root(), 5, tree.root(), [])
