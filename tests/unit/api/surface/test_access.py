"""Who may call what."""

from __future__ import annotations

import pytest

from api.access import Rule, access, check_access, declared_access
from api.callers import OPERATOR, Caller, CallerKind
from api.errors import Kind, RequestError

PORTAL = Caller(CallerKind.PORTAL, "portal:1", "cổng")
OFFICER = Caller(CallerKind.OFFICER, "officer:1", "Trần Thị Bích")

LET_IN: dict[Rule, set[Caller | None]] = {
    Rule.PUBLIC: {None, PORTAL, OFFICER, OPERATOR},
    Rule.LIMITED: {None, PORTAL, OFFICER, OPERATOR},
    Rule.PORTAL: {PORTAL},
    Rule.OFFICER: {OFFICER},
    Rule.STAFF: {PORTAL, OFFICER},
}


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("caller", [None, PORTAL, OFFICER, OPERATOR], ids=lambda c: "nobody" if c is None else c.kind)
def test_each_rule_lets_in_whom_it_names(rule: Rule, caller: Caller | None) -> None:
    if caller in LET_IN[rule]:
        check_access(rule, caller)
        return
    with pytest.raises(RequestError) as refused:
        check_access(rule, caller)
    assert refused.value.kind is (Kind.AUTHENTICATION_REQUIRED if caller is None else Kind.FORBIDDEN)


def test_a_view_carries_the_rule_it_declares() -> None:
    @access(Rule.STAFF)
    def view() -> str:
        return ""

    assert declared_access(view) is Rule.STAFF
    assert declared_access(lambda: "") is None
