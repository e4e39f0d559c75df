"""What a password must be, and what a stored one costs to guess."""

import subprocess
import sys

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from starlette.datastructures import FormData
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from govgrid.accounts import passwords, rules
from govgrid.accounts.forms import SignInForm
from govgrid.errors import Invalid
from govgrid.web.forms import read


def test_a_stored_password_is_dear_to_guess() -> None:
    """In a process of its own: the suite hashes cheaply."""
    made = subprocess.check_output(
        [sys.executable, "-c",
         "from govgrid.accounts.passwords import hashed; print(hashed('correct-horse-1'))"],
        text=True,
    ).strip()  # fmt: skip
    found = extract_parameters(made)
    assert (found.type, found.memory_cost, found.time_cost) == (Type.ID, 19 * 1024, 2)
    assert PasswordHasher().verify(made, "correct-horse-1")
    assert passwords.matches(made, "correct-horse-1")
    assert not passwords.matches(made, "correct-horse-2")


def test_what_lists_of_leaked_passwords_hold_is_refused() -> None:
    leaked = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= rules.SHORTEST]
    assert len(leaked) > 1000
    for weak in (*leaked[::25], "Qwerty123456", "13800138000", "P@ssw0rd1234", "woaini1314"):
        with pytest.raises(Invalid):
            rules.check_password("zhou", weak)


def test_a_password_is_taken_as_typed() -> None:
    for strong in (
        "correct horse",
        "正确的马电池订书钉的密码",
        " ~！corréct-horse ",
        "vx7Qh2Lm9Rt4Wz8K" * 8,
    ):
        rules.check_password("zhou", strong)
        form = read(SignInForm, FormData([("login", " zhou "), ("password", strong)]))
        assert (form.login, form.password) == ("zhou", strong)
