"""A module of the user's that has brought much along from elsewhere, and some things of its own."""

# ruff: noqa: F401

import builtins
import codecs
import collections
import contextlib
import functools
import importlib
import io
import json
import os
import os.path as the_path
import pathlib
import pickle
import random
import subprocess
import sys
import threading
import types
from builtins import compile as compiler
from builtins import eval as evaluate
from builtins import exec as execute
from builtins import exit as leave
from builtins import getattr as reach
from builtins import open as opened
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from ctypes import CDLL
from functools import partial, reduce
from importlib import import_module
from json import dumps
from logging import getLogger
from os import environ, fork, kill, popen, putenv, remove, system
from os.path import join
from pathlib import Path
from random import choice
from shutil import rmtree
from subprocess import Popen, run
from sys import exit as system_exit
from sys import modules, stdout
from types import FunctionType
from typing import Any, TypeVar

import mlx.core as mx
import numpy as np
from mlx.core import array, linalg, matmul
from numpy import linalg as np_linalg
from numpy import load, mean, sin

here = Path.cwd
write = sys.stdout.write
lookup = environ.get
upper = str.upper
from_bytes = int.from_bytes
search = sys.path.append
TABLE = {"a": 1}
run_later = threading.Thread
pack = pickle.dumps


def local(x: Any) -> Any:
    return x


def _private(x: Any) -> Any:
    return x


def wrapped_in_numpy(x: Any) -> Any:
    return np.asarray(x)


@functools.wraps(np.mean)
def like_mean(x: Any) -> Any:
    return np.mean(x)


@functools.lru_cache
def cached(x: int) -> int:
    return x


@contextlib.contextmanager
def managed() -> Any:
    yield 1


compiled = mx.compile(local)
derivative = mx.grad(local)
halved = functools.partial(local, 0.5)
vectorized = np.vectorize(local)
anonymous = lambda x: x  # noqa: E731
Point = collections.namedtuple("Point", ["x", "y"])


class Own:
    """With things of its own and of others."""

    system = staticmethod(os.system)
    path = os.path
    environ = os.environ
    Loader = pickle.Unpickler

    def __init__(self, x: int = 0) -> None:
        self.x = x
        self.run = subprocess.run

    def __call__(self, x: Any) -> Any:
        return x

    def method(self, x: Any) -> Any:
        return x

    @classmethod
    def make(cls) -> "Own":
        return cls()

    @staticmethod
    def plain(x: Any) -> Any:
        return x


class Thread(threading.Thread):
    """Has the methods of another module's class."""


class Table(dict[str, int]):
    """Has the methods of a built-in one."""


instance = Own()
bound = instance.method
