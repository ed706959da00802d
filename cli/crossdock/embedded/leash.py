"""Starts a program that the kernel kills when its parent dies.

Invariant: after the parent's death, however sudden, the program is gone too (on Linux; elsewhere only an
orderly end of the parent stops it). The program keeps this process's id.

Usage: `python -I -S leash.py <parent pid> <program> [argument…]`. A wrapper and not a `preexec_fn`, which
may deadlock in a process with threads. The kernel ties the child to the *thread* that started it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Put on the leash, check that the parent has not died meanwhile, become the program."""
    parent, *program = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(parent):
            sys.exit(1)
    os.execv(program[0], program)


if __name__ == "__main__":
    main(sys.argv[1:])
