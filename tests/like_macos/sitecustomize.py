"""Put first on PYTHONPATH, this takes from Python what it has on Linux and not on macOS."""

import fcntl
import multiprocessing
import os
import select
import signal

# docs.python.org, "Availability": Linux, or Unix and not macOS.
MISSING = {
    os: """
        copy_file_range dup3 eventfd eventfd_read eventfd_write fdatasync getrandom getresgid
        getresuid getxattr listxattr memfd_create pidfd_open pipe2 posix_fadvise posix_fallocate
        removexattr sched_getaffinity sched_setaffinity sched_getscheduler sched_setscheduler
        setns setresgid setresuid setxattr splice unshare O_DIRECT O_PATH O_RSYNC O_TMPFILE
        O_LARGEFILE O_NOATIME
    """,
    select: "epoll",
    signal: "pidfd_send_signal sigtimedwait sigwaitinfo",
    fcntl: "F_SETPIPE_SZ F_GETPIPE_SZ F_OFD_SETLK F_OFD_GETLK F_OFD_SETLKW",
}

for module, names in MISSING.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)

multiprocessing.set_start_method("spawn", force=True)
