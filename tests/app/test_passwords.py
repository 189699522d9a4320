from app.passwords import TRIES, WITHIN_SECONDS, PasswordGate, hashed, matches


def test_only_the_right_password_matches_and_no_two_hashes_are_alike() -> None:
    kept = hashed("correct horse")
    assert matches("correct horse", kept)
    assert not matches("correct mouse", kept)
    assert not matches("", kept)
    assert hashed("correct horse") != kept
    assert "horse" not in kept


def test_after_many_wrong_tries_even_the_right_one_waits() -> None:
    seconds = [0.0]
    gate = PasswordGate(hashed("right"), lambda: seconds[0])
    assert not any(gate("me", "wrong") for _ in range(TRIES))
    assert not gate("me", "right")
    seconds[0] = WITHIN_SECONDS + 1
    assert gate("anybody", "right")
