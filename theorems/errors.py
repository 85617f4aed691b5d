"""The ways a check can end other than with an outcome."""


class InputError(ValueError):
    """The caller's input is wrong; the message says what, where and what to do.  The commands exit 2 on it."""


class Unsupported(Exception):
    """An arithmetic lacks an operation, or lacks it for this argument.  It never falls back in silence."""


class Undecided(Unsupported):
    """An arithmetic cannot tell at its precision; a finer one may."""


class Undefined(ArithmeticError):
    """A construction cannot be formed (the inverse of a singular matrix, say)."""
