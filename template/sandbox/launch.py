"""Becomes another program, after telling the watchdog and, if asked, giving up root.

    python launch.py PIPE SIGNAL (same|unprivileged) PROGRAM ARGUMENT...

The process tells the watchdog itself, before it becomes the program: were its parent to do so, a
parent killed in between would leave an orphan.

Only the standard library: it is started without site-packages, to be quick.
"""

import ctypes
import os
import pwd
import sys

UNPRIVILEGED_USER = "nobody"

# From linux/prctl.h, linux/securebits.h and linux/capability.h.
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1


class CapabilityHeader(ctypes.Structure):
    """`struct __user_cap_header_struct`."""

    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class CapabilityData(ctypes.Structure):
    """`struct __user_cap_data_struct`."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def give_up_root() -> None:
    """Become an unprivileged user who keeps one right of root: to pass closed folders.

    PostgreSQL refuses to run as root. The project and its packages may lie in a folder that only
    root may enter, as `/root` is, and its mode is not ours to change. So on Linux the process
    keeps the capability CAP_DAC_OVERRIDE, also over `exec` (capabilities(7), "ambient"), and
    nothing else. NO_SETUID_FIXUP, because `access(2)` otherwise ignores the capability. A
    container's default set of capabilities is enough for all of it.
    """
    user = pwd.getpwnam(UNPRIVILEGED_USER)
    linux = sys.platform == "linux"
    if linux:
        call("prctl", PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    if linux:
        kept = 1 << CAP_DAC_OVERRIDE
        header = CapabilityHeader(CAPABILITY_VERSION_3, 0)
        data = (CapabilityData * 2)(CapabilityData(kept, kept, kept), CapabilityData(0, 0, 0))
        call("capset", ctypes.byref(header), data)
        call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def call(name: str, *arguments: object) -> None:
    """Call a function of the C library that answers 0; raise OSError when it does not."""
    library = ctypes.CDLL(None, use_errno=True)
    if library[name](*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def main() -> None:
    """Register, change the user, become the program."""
    pipe, number, user, program, *arguments = sys.argv[1:]
    os.write(int(pipe), f"process {os.getpid()} {number}\n".encode())
    os.close(int(pipe))
    if user == "unprivileged":
        try:
            give_up_root()
        except (OSError, KeyError) as error:
            sys.exit(
                f"{program} does not run as root, and root could not be given up: {error}.\n"
                "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
            )
    try:
        os.execvp(program, [program, *arguments])  # noqa: S606
    except OSError as error:
        sys.exit(f"{program}: {error.strerror}")


if __name__ == "__main__":
    main()
