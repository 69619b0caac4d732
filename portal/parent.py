"""A child process that ends when its parent is gone: nothing is left running after a kill -9."""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable


def end_with_parent(patience: float = 5.0) -> None:
    """Watch the parent; once it has died, end this process, gently first."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def told_of_parents_death(number: int) -> Callable[[], object] | None:
    """A ``preexec_fn`` that lets the kernel send this signal to a child whose parent was killed; None elsewhere than Linux.

    The kernel watches the thread that started the child, so only the main thread, which lives longest, may ask for this.
    """
    if not sys.platform.startswith("linux") or threading.current_thread() is not threading.main_thread():
        return None
    library = ctypes.CDLL(None)
    set_parent_death_signal = 1
    return lambda: library.prctl(set_parent_death_signal, number)
