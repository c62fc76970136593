"""A system call filter for decoder children, in a few dozen instructions of classic BPF.

A decoder needs memory, threads, and reads and writes of files it may already open.  It needs no
socket, no other process and no change to the machine, so the calls for those answer EPERM.  The
filter is handed to the kernel by `prctl`, so no system library (libseccomp) has to be there.

Why a list of denials and not of permissions: which calls libc makes for the same C function
changes with its version, and a decoder that dies after an upgrade is a worse trade than a call
too many, since Landlock and rlimits stand behind this filter.  Unknown architectures get no
filter at all, which `describe_confinement` says aloud.

Source: Linux Documentation/userspace-api/seccomp_filter.rst.  Standard library only: this runs
in the child before anything else is loaded.
"""

import ctypes
import os
import platform
import struct

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name -> number on (x86_64, aarch64); None where the architecture has no such call.
DENIED_CALLS: dict[str, tuple[int | None, int | None]] = {
    # talking to anything
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "recvmmsg": (299, 243),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "fork": (57, None),
    "vfork": (58, None),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "setns": (308, 268),
    "unshare": (272, 97),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "execveat": (322, 281),
    # the machine
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "fsconfig": (431, 431),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "acct": (163, 89),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "iopl": (172, None),
    "ioperm": (173, None),
    # wide parts of the kernel with a history of holes
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    # what Landlock does not cover: owners, modes and attributes of files
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setreuid": (113, 145),
    "setregid": (114, 143),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
    "setgroups": (116, 159),
    "setfsuid": (122, 151),
    "setfsgid": (123, 152),
}
EXECVE = (59, 221)
CLONE = (56, 220)
CLONE3 = (435, 435)
SIGNALS = ((62, 129), (234, 131))  # kill and tgkill: allowed towards the child itself only

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_OR_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_ALLOW, _KILL_PROCESS, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_CLONE_THREAD = 0x00010000
_X32_CALLS = 0x40000000

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def is_known_architecture() -> bool:
    """Say whether there are call numbers for this machine."""
    return platform.machine() in ARCHITECTURES


def render_filter(*, machine: str, own_pid: int, may_exec: bool) -> bytes:
    """Render the BPF program for one child.

    The first matching rule answers.  `clone` is allowed for threads only; `clone3`, whose flags
    a filter cannot see, answers ENOSYS so that libc falls back to `clone`.
    """
    column = list(ARCHITECTURES).index(machine)
    deny = [
        _instruction(_LOAD, _ARCHITECTURE_AT),
        _instruction(_JUMP_EQUAL, ARCHITECTURES[machine], if_true=1),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD, _NUMBER_AT),
    ]
    if machine == "x86_64":
        deny += [
            _instruction(_JUMP_GREATER_OR_EQUAL, _X32_CALLS, if_false=1),
            _instruction(_RETURN, _KILL_PROCESS),
        ]
    for numbers in DENIED_CALLS.values():
        if (number := numbers[column]) is not None:
            deny += _refuse(number, _EPERM)
    if not may_exec:
        deny += _refuse(EXECVE[column], _EPERM)
    deny += _refuse(CLONE3[column], _ENOSYS)
    deny += [
        _instruction(_JUMP_EQUAL, CLONE[column], if_false=4),
        _instruction(_LOAD, _FIRST_ARGUMENT_AT),
        _instruction(_JUMP_ANY_BIT, _CLONE_THREAD, if_true=1),
        _instruction(_RETURN, _ERROR | _EPERM),
        _instruction(_RETURN, _ALLOW),
    ]
    for signal_call in SIGNALS:
        deny += [
            _instruction(_JUMP_EQUAL, signal_call[column], if_false=4),
            _instruction(_LOAD, _FIRST_ARGUMENT_AT),
            _instruction(_JUMP_EQUAL, own_pid, if_true=1),
            _instruction(_RETURN, _ERROR | _EPERM),
            _instruction(_RETURN, _ALLOW),
        ]
    return b"".join([*deny, _instruction(_RETURN, _ALLOW)])


def apply_filter(libc: ctypes.CDLL, *, may_exec: bool) -> bool:
    """Put this thread, and what it starts, behind the filter; False where that cannot be had.

    Must come after PR_SET_NO_NEW_PRIVS.
    """
    if not is_known_architecture():
        return False
    code = render_filter(machine=platform.machine(), own_pid=os.getpid(), may_exec=may_exec)
    text = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.addressof(text))
    done = libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
    return int(done) == 0


def _refuse(number: int, error: int) -> list[bytes]:
    return [
        _instruction(_JUMP_EQUAL, number, if_false=1),
        _instruction(_RETURN, _ERROR | error),
    ]


def _instruction(code: int, value: int, *, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
