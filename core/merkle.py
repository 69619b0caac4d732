"""Merkle trees as RFC 6962 section 2.1 has them: root, inclusion proof, consistency proof, and how each is checked.

A leaf is hashed behind 0x00, a pair behind 0x01; a tree of n leaves is split at the largest power of two below n.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than ``size`` (2 or more)."""
    return 1 << (size - 1).bit_length() - 1


class Tree:
    """A growing tree of leaf hashes that keeps the root of every complete subtree.

    Adding a leaf and making a proof take as many steps as the tree has levels.
    """

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        # levels[k][i] is the root of the leaves i * 2**k up to (i + 1) * 2**k.
        self.levels: list[list[bytes]] = [[]]
        for found in hashes:
            self.add(found)

    @property
    def size(self) -> int:
        return len(self.levels[0])

    def add(self, found: bytes) -> None:
        """Add one leaf by its hash."""
        level = 0
        self.levels[0].append(found)
        while len(self.levels[level]) % 2 == 0:
            if level + 1 == len(self.levels):
                self.levels.append([])
            pair = self.levels[level]
            self.levels[level + 1].append(node_hash(pair[-2], pair[-1]))
            level += 1

    def root(self, size: int | None = None) -> bytes:
        """The root over the first ``size`` leaves, over all when not given."""
        size = self._checked(self.size if size is None else size)
        return self._root(0, size) if size else EMPTY

    def _root(self, start: int, end: int) -> bytes:
        """The root of a range that begins where a subtree of its size may begin."""
        size = end - start
        if size & (size - 1) == 0:
            return self.levels[size.bit_length() - 1][start // size]
        middle = start + split(size)
        return node_hash(self._root(start, middle), self._root(middle, end))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[size]): what leads from one leaf to the root, lowest first.

        :raises ValueError: when that tree has no such leaf.
        """
        size = self._checked(self.size if size is None else size)
        if not 0 <= index < size:
            raise ValueError("no such leaf in this tree")
        path: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + split(end - start)
            if index < middle:
                path.append(self._root(middle, end))
                end = middle
            else:
                path.append(self._root(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, first: int, second: int | None = None) -> list[bytes]:
        """PROOF(first, D[second]): that the first tree is the beginning of the second one; empty when they are the same.

        :raises ValueError: when the sizes are in no order, or the tree is smaller.
        """
        second = self._checked(self.size if second is None else second)
        if not 0 < first <= second:
            raise ValueError("a proof leads from a tree of one leaf or more to one that is no smaller")
        proof: list[bytes] = []
        start, end, whole = 0, second, True
        while first != end:
            middle = start + split(end - start)
            if first <= middle:
                proof.append(self._root(middle, end))
                end = middle
            else:
                proof.append(self._root(start, middle))
                start, whole = middle, False
        if not whole:
            proof.append(self._root(start, end))
        return proof[::-1]

    def _checked(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise ValueError("the tree is smaller")
        return size


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves as they are, not yet hashed."""
    return Tree(leaf_hash(leaf) for leaf in leaves).root()


def includes(root: bytes, *, size: int, index: int, found: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the leaf hash ``found`` stands at ``index`` of the tree (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, reached = index, size - 1, found
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = node_hash(step, reached)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root


def extends(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows the first tree as the beginning of the second one (RFC 9162 section 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    steps = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not steps:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
