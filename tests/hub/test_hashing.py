"""Passwords and codes: what is stored, what fits it, and what it costs."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from hub import hashing


def test_passwords_are_stored_as_rfc_9106_recommends() -> None:
    found = extract_parameters(PasswordHasher(**hashing.COSTS).hash("x"))
    assert found.type is Type.ID
    assert (found.time_cost, found.memory_cost, found.parallelism) == (3, 64 * 1024, 4)
    assert (found.salt_len, found.hash_len) == (16, 32)


def test_a_password_fits_however_a_keyboard_writes_it() -> None:
    stored = hashing.hashed("sieben Zwerge über Köln")
    assert hashing.matches(stored, unicodedata.normalize("NFD", "sieben Zwerge über Köln"))
    assert not hashing.matches(stored, "sieben zwerge über Köln")
    assert stored != hashing.hashed("sieben Zwerge über Köln")


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$AAAA"])
def test_nothing_fits_what_is_no_hash(stored: str) -> None:
    assert not hashing.matches(stored, "")
    assert not hashing.matches(stored, "x")


def test_a_hash_of_earlier_costs_is_dated() -> None:
    assert hashing.is_dated(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x"))
    assert not hashing.is_dated(hashing.hashed("x"))


def test_a_recovery_code_fits_as_people_type_it() -> None:
    code = hashing.recovery_code()
    assert len(code) == 19
    assert hashing.hashed_code(f" {code.upper().replace('-', ' ')} ") == hashing.hashed_code(code)
    assert len({hashing.recovery_code() for _ in range(100)}) == 100
