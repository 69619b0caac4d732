"""How many drawn specimen passports the reader reads, by fault: ``python -m benchmarks.mrz [PASSPORTS]``.

Only drawn pages: read the numbers as ratios between faults, never as a rate for real photos.
"""

import sys
import time
from collections import defaultdict

from migrants.identity.mrz_photo import OcrPhotoReader
from tests.migrants.specimens import draw, faults, jpeg, someone


def main(passports: int) -> None:
    """Print a table: read right, given back as unreadable, wrong, seconds a page."""
    reader = OcrPhotoReader()
    rows: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for seed in range(1, passports + 1):
        zone = someone(seed)
        for name, image in faults(draw(zone, seed)).items():
            began = time.perf_counter()
            lines = reader.read(jpeg(image)).lines
            result = "unreadable" if lines is None else "right" if lines == zone.lines() else "wrong"
            rows[name].append((result, time.perf_counter() - began))
    sys.stdout.write(f"{'fault':20} right unreadable wrong  seconds\n")
    for name, results in rows.items():
        counts = [sum(r == kind for r, _s in results) for kind in ("right", "unreadable", "wrong")]
        seconds = sum(s for _r, s in results) / len(results)
        sys.stdout.write(f"{name:20} {counts[0]:5} {counts[1]:10} {counts[2]:5} {seconds:8.2f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4)
