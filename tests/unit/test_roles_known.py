"""Who the policy asks for can be somebody: its roles are roles that a user may have."""

from __future__ import annotations

import pytest

from workbench import words
from workbench.policy import Policy
from workbench.sources.organisation import ROLES


def test_every_role_that_must_approve_is_one_that_a_user_may_have() -> None:
    policy = Policy()
    asked = {*policy.over_180.roles, *policy.write_offs.joint_roles}
    assert asked == {"controller", "director"}
    assert asked <= set(ROLES)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_role_of_a_user_has_words_wherever_roles_are_shown(lang: words.Language) -> None:
    for role in ROLES:
        assert words.has_words(f"close.role_{role}", lang), role
        assert words.has_words(f"cases.role.{role}", lang), role
