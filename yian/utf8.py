"""Chinese in every locale: files, paths and children are UTF-8, and no output ends a command."""

import codecs
import io
import locale
import os
import sys


def use_utf8() -> None:
    """First thing in a program. In a locale of another encoding the process begins again, in Python's UTF-8 mode."""
    own = _of_the_locale()
    if own != "utf-8" and not sys.flags.utf8_mode:
        os.environ["PYTHONUTF8"] = "1"  # the children's too
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            shown = own if stream.isatty() and own not in ("utf-8", "ascii") else None  # an old terminal's own
            stream.reconfigure(encoding=shown, errors="replace")


def _of_the_locale() -> str:
    """As Python names it: `utf-8`, `ascii`, `gbk`, …"""
    try:
        return codecs.lookup(locale.getencoding()).name
    except LookupError:
        return "ascii"
