"""Errors that people can mend: their message names the place and what to do. The command line says it in one line, without a traceback."""

from __future__ import annotations


class Mendable(Exception):
    """Something in the files or on the machine is not as it should be; the message says what and how to put it right."""
