"""A PKCS#11 library in this process: initialised with the system's locks, a few sessions, one restart for all.

python-pkcs11 0.9.5 initialises with ``C_Initialize(NULL)``, which tells a module that one thread at a time will call it
(PKCS#11 v2.40 base §5.4): SoftHSM leaves its locks out then. So the library is initialised once more here, with
``CKF_OS_LOCKING_OK``, through its own function list. A module that cannot lock is used by one thread at a time.

Initialisation and log-in belong to the whole process, so there is one ``TokenModule`` for each library
(``token_module``), however many rings of keys are built. A signature takes a session out of the pool; python-pkcs11
gives up the GIL inside ``C_Sign``, so sessions sign side by side. Nobody is inside the library while it is restarted.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

import pkcs11
from pkcs11 import exceptions as p11
from pkcs11.types import SignMixin

from signer.keys import KeyUnavailable

MAX_SESSIONS = 4
"""Signatures at once in one process; more processes have sessions of their own, and small HSMs have few to give."""

CKR_OK = 0x00
CKR_ARGUMENTS_BAD = 0x07
CKR_NEED_TO_CREATE_THREADS = 0x09
CKR_CANT_LOCK = 0x0A
CKF_OS_LOCKING_OK = 0x02
CANNOT_LOCK = frozenset({CKR_ARGUMENTS_BAD, CKR_NEED_TO_CREATE_THREADS, CKR_CANT_LOCK})

LOST = (
    p11.SessionHandleInvalid,
    p11.SessionClosed,
    p11.DeviceRemoved,
    p11.DeviceError,
    p11.TokenNotPresent,
    p11.TokenNotRecognised,
    p11.NoSuchToken,
    p11.SlotIDInvalid,
    p11.UserNotLoggedIn,
    p11.KeyHandleInvalid,
    p11.ObjectHandleInvalid,
    p11.FunctionFailed,
    p11.GeneralError,
)
"""What a session answers whose token went away or was restarted. A wrong PIN is not among them: it is never retried."""


class InitializeArguments(ctypes.Structure):
    """``CK_C_INITIALIZE_ARGS``: no mutex functions of ours, the flags, nothing reserved."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("create_mutex", "destroy_mutex", "lock_mutex", "unlock_mutex")),
        ("flags", ctypes.c_ulong),
        ("reserved", ctypes.c_void_p),
    )


class FunctionList(ctypes.Structure):
    """The head of ``CK_FUNCTION_LIST``: the version, then the functions in the standard's order."""

    _fields_ = (
        ("version", ctypes.c_ubyte * 2),
        ("initialize", ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)),
        ("finalize", ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)),
    )


@dataclass
class TokenSession:
    """A logged-in session and the keys found in it, by label; of no use once the module was restarted."""

    session: pkcs11.Session
    generation: int
    keys: dict[str, SignMixin] = field(default_factory=dict)


@cache
def token_module(library: str) -> TokenModule:
    """The module of a library, the same one for the whole process.

    Raises:
        KeyUnavailable: the library cannot be loaded; the next call tries again.
    """
    return TokenModule(library)


class TokenModule:
    """One PKCS#11 library and its pool of sessions; made by ``token_module`` alone. Thread-safe.

    Raises:
        KeyUnavailable: the library cannot be loaded.
    """

    def __init__(self, library: str) -> None:
        self.library = library
        self.generation = 0
        self._changed = threading.Condition()
        self._limit = 1
        self._active = 0
        self._restarting = False
        self._down = False
        self._idle: dict[str, list[TokenSession]] = {}
        try:
            self._module = pkcs11.lib(library)
            self._functions = _functions(library)
            self._limit = start(self._functions)
        except (p11.PKCS11Error, RuntimeError, OSError, AttributeError) as error:
            raise KeyUnavailable(f"the PKCS#11 module {library} cannot be loaded: {type(error).__name__}") from None

    @property
    def at_once(self) -> int:
        """How many threads may be inside the library."""
        return self._limit

    @contextmanager
    def session(self, token: str, pin: Callable[[], str]) -> Iterator[TokenSession]:
        """A logged-in session on a token for the caller alone; waits while as many as there may be are in use.

        Raises:
            pkcs11.PKCS11Error: as the module says; those in ``LOST`` ask for a ``restart``.
        """
        taken = self._take(token, pin)
        lost = False
        try:
            yield taken
        except LOST:
            lost = True
            raise
        finally:
            with self._changed:
                self._active -= 1
                if not lost and taken.generation == self.generation:
                    self._idle.setdefault(token, []).append(taken)
                self._changed.notify_all()

    def restart(self, seen: int | None = None) -> None:
        """Initialise the library again, which also finds tokens that came back; every session of it is gone.

        Waits until nobody is inside. ``seen`` is the generation that was found lost: where somebody else has restarted
        the library since, nothing is done. Not to be called with a session taken.

        Raises:
            pkcs11.PKCS11Error: it did not work; the next session tries again.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._restarting)
            if seen is not None and seen != self.generation:
                return
            self._restarting = True
            try:
                self._changed.wait_for(lambda: self._active == 0)
                self._idle.clear()
                self.generation += 1
                self._down = True
                self._limit = start(self._functions)
                self._down = False
            finally:
                self._restarting = False
                self._changed.notify_all()

    def _take(self, token: str, pin: Callable[[], str]) -> TokenSession:
        with self._changed:
            while True:
                self._changed.wait_for(lambda: not self._restarting and self._active < self._limit)
                if self._down:  # the last restart failed, as it does while the token is away
                    self.restart(self.generation)
                    continue
                idle = self._idle.get(token)
                try:
                    taken = idle.pop() if idle else self._open(token, pin)
                except p11.SessionCount:  # the token gives no more: those that are in use have to do
                    if not self._active:
                        raise
                    self._limit = self._active
                    continue
                self._active += 1
                return taken

    def _open(self, token: str, pin: Callable[[], str]) -> TokenSession:
        found = self._module.get_token(token_label=token)
        try:
            session = found.open(user_pin=pin())
        except p11.UserAlreadyLoggedIn:  # another session is: the log-in holds for the whole process
            session = found.open()
        return TokenSession(session, self.generation)


def start(functions: FunctionList) -> int:
    """Finalise a module and initialise it with the system's locks, or without where it cannot lock.

    python-pkcs11 holds the same function list and takes no notice. Nobody may be inside the module.

    Returns:
        How many threads may be inside at once.

    Raises:
        pkcs11.PKCS11Error: it does not start.
    """
    functions.finalize(None)  # whatever it answers: one that was not initialised is about to be
    arguments, at_once = InitializeArguments(flags=CKF_OS_LOCKING_OK), MAX_SESSIONS
    answer = functions.initialize(ctypes.addressof(arguments))
    if answer in CANNOT_LOCK:
        answer, at_once = functions.initialize(None), 1
    if answer != CKR_OK:
        raise p11.GeneralError(f"C_Initialize: {answer:#x}")
    return at_once


def _functions(library: str) -> FunctionList:
    """The function list of a library that is loaded already: the system gives the same one again."""
    found = ctypes.POINTER(FunctionList)()
    answer = ctypes.CDLL(library).C_GetFunctionList(ctypes.byref(found))
    if answer != CKR_OK or not found:
        raise OSError(f"C_GetFunctionList: {answer:#x}")
    return found.contents
