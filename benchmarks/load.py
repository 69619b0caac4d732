"""Requests over many open connections from one process: ``python -m benchmarks.load PORT CONNECTIONS SECONDS FILE``.

FILE holds one request target a line, taken in turn from a random place. Prints ``count seconds p50 p99 errors`` (ms). Raw
sockets and epoll, so that the generator costs little beside the server that it measures.
"""

import random
import selectors
import socket
import sys
import time


def run(port: int, connections: int, seconds: float, targets: list[str]) -> tuple[int, float, list[float], int]:
    """Gives requests answered, the time, each one's latency and how many were not 200."""
    requests = [f"GET {t} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode("ascii") for t in targets]
    place = random.randrange(len(requests))
    selector = selectors.DefaultSelector()
    sent: dict[int, float] = {}
    rest: dict[int, bytes] = {}
    for _n in range(connections):
        made = socket.create_connection(("127.0.0.1", port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(made, selectors.EVENT_READ, made)
        place = (place + 1) % len(requests)
        sent[made.fileno()], rest[made.fileno()] = time.perf_counter(), b""
        made.sendall(requests[place])
    took: list[float] = []
    errors = 0
    began = now = time.perf_counter()
    while now < began + seconds:
        for key, _events in selector.select(1.0):
            connection = key.data
            held = rest[key.fd] + connection.recv(65536)
            head = held.find(b"\r\n\r\n")
            if head < 0:
                rest[key.fd] = held
                continue
            length = int(held[: head + 2].lower().split(b"content-length:")[1].split(b"\r\n", 1)[0])
            if len(held) < head + 4 + length:
                rest[key.fd] = held
                continue
            now = time.perf_counter()
            took.append(now - sent[key.fd])
            errors += not held.startswith(b"HTTP/1.1 200")
            place = (place + 1) % len(requests)
            sent[key.fd], rest[key.fd] = now, b""
            connection.sendall(requests[place])
        now = time.perf_counter()
    for key in list(selector.get_map().values()):
        key.data.close()
    return len(took), now - began, took, errors


def main() -> None:
    port, connections, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    with open(sys.argv[4], encoding="ascii") as file:
        targets = file.read().split()
    count, elapsed, took, errors = run(port, connections, seconds, targets)
    took.sort()
    p50, p99 = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
    sys.stdout.write(f"{count} {elapsed:.3f} {p50:.2f} {p99:.2f} {errors}\n")


if __name__ == "__main__":
    main()
