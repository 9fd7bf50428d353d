"""Who the policy asks for can be somebody: its roles are roles that a user may have."""

from __future__ import annotations

from workbench.policy import Policy
from workbench.sources.organisation import ROLES


def test_every_role_that_must_approve_is_one_that_a_user_may_have() -> None:
    policy = Policy()
    asked = {*policy.over_180.roles, *policy.write_offs.joint_roles}
    assert asked == {"controller", "director"}
    assert asked <= set(ROLES)
