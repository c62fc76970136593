"""Start a program whose parent is already gone, and say its pid.

Envoy 1.40 asks the kernel for SIGTERM when its parent exits, so a crash of the
supervisor would take the edge along.  This small program forks, lets the first
process exit, waits until it has been re-parented, and only then becomes Envoy.

It is run as a file (`python -I -S detached.py PID_FD program …`): it imports the
standard library only, and nothing of Solstice, so that it starts in 15 ms.
"""

import os
import resource
import sys
import time


def main() -> None:
    """Become the given program in a process that nobody is the parent of."""
    pid_fd, program = int(sys.argv[1]), sys.argv[2:]
    parent = os.getpid()
    if os.fork():
        os._exit(0)
    os.setsid()
    # Each viewer is an open file; shells often allow 1024 though the machine allows far more.
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    while os.getppid() == parent:
        time.sleep(0.001)
    os.write(pid_fd, str(os.getpid()).encode())
    os.close(pid_fd)
    os.execv(program[0], program)  # noqa: S606  the supervisor's own command line


if __name__ == "__main__":
    main()
