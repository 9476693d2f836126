"""The error tree of the whole project, drawn once and split by whose fault it is.

    TallystickError
    ├── InputError            the caller sent something wrong            422
    │   ├── MalformedError    its bytes or shape cannot be read          400
    │   ├── TooLargeError     it is over a size limit                    413
    │   ├── NotFoundError     it names something that does not exist     404
    │   │   └── PrunedError   it was here and is no longer kept          410
    │   ├── ConflictError     it contradicts what is there               409
    │   ├── ForbiddenError    the caller may not do this                 403
    │   ├── UnauthorizedError the caller did not show who it is          401
    │   └── MisdirectedError  the request is meant for another server    421
    ├── BusyError             a limit is reached; try again later        429 or 503
    ├── RefusedError          a policy or a contract rule said no        (a rejected receipt)
    ├── VerificationError     a proof, certificate or block does not hold
    ├── IndefiniteError       no answer came: what was asked may or may not have happened
    └── OperatorError         this machine or its settings are wrong     exit code 2
        ├── ContractMissingError  the ledger runs code that is not installed here
        ├── ContractExhaustedError  a contract used up this machine's stack or memory
        └── StorageError      disk full, database damaged or foreign     exit code 2, or 503

Every error carries a stable `code` (kebab-case), a sentence that says what was expected and what came,
and typed details. Any other exception is a bug.
"""

from typing import TypeAlias

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | bool | None"
JsonObject = dict[str, JsonValue]


class TallystickError(Exception):
    """Root of the tree: `code` is stable and documented, `message` is for people, `details` for programs."""

    status = 500

    def __init__(self, code: str, message: str, **details: JsonValue) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class InputError(TallystickError):
    """What the caller sent breaks a rule that can be judged by itself or against the present state."""

    status = 422


class MalformedError(InputError):
    """The bytes are not what the format asks for."""

    status = 400


class TooLargeError(InputError):
    """A size limit is exceeded."""

    status = 413


class NotFoundError(InputError):
    """Nothing exists under that name."""

    status = 404


class PrunedError(NotFoundError):
    """It is on the ledger, but this node does not keep it, or never had it; another node may. Code `pruned`."""

    status = 410


class ConflictError(InputError):
    """The request contradicts what is already there."""

    status = 409


class ForbiddenError(InputError):
    """The caller is not entitled to this."""

    status = 403


class UnauthorizedError(InputError):
    """The caller did not prove that it is a member that may ask now."""

    status = 401


class MisdirectedError(InputError):
    """The request is meant for another server."""

    status = 421


class BusyError(TallystickError):
    """A limit is reached for now; `retry_after_s` says when to come back."""

    status = 429

    def __init__(self, code: str, message: str, *, retry_after_s: int = 1, status: int = 429, **details: JsonValue) -> None:
        super().__init__(code, message, **details)
        self.retry_after_s = retry_after_s
        self.status = status


class RefusedError(TallystickError):
    """A policy or contract rule said no: becomes a `rejected` receipt with this code and these details."""

    status = 422


class VerificationError(TallystickError):
    """A proof, certificate, block or export does not hold; `code` names the first broken rule."""

    status = 422


class IndefiniteError(TallystickError):
    """A node gave no answer, or none yet: the operation may or may not have happened. Asking again is safe."""

    status = 504


class OperatorError(TallystickError):
    """The machine, the files or the settings of this node are wrong: a sentence and exit code 2, never a traceback."""


class ContractMissingError(OperatorError):
    """The ledger runs a contract version that is not installed here: this node can neither judge such a block nor vote on it."""


class ContractExhaustedError(OperatorError):
    """A contract used up this machine's stack or memory. Other machines may have more, so this node does not judge the block."""


class StorageError(OperatorError):
    """The database cannot be used: full disk, damage, another ledger's, or in use by a running node."""

    status = 503
