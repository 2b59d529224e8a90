from __future__ import annotations

import pyarrow as pa

from headstart.data.groups import NO_DOMAIN, domain_codes, group_codes


def test_an_item_without_a_group_is_a_group_of_its_own() -> None:
    values = pa.array(["p1", None, "p2", None, "p1"], pa.large_string())
    codes, names, events = group_codes(values, lambda row: f"{row}.jpg")
    assert [names[code] for code in codes] == ["p1", "(no group) 1.jpg", "p2", "(no group) 3.jpg", "p1"]
    assert [item for _, _, item in events] == ["1.jpg", "3.jpg"]


def test_items_without_a_domain_share_one() -> None:
    codes, names = domain_codes(pa.array(["x", None, None], pa.large_string()))
    assert [names[code] for code in codes] == ["x", NO_DOMAIN, NO_DOMAIN]
    codes, names = domain_codes(pa.array(["x", "y"], pa.large_string()))
    assert names == ("x", "y")
    assert codes.tolist() == [0, 1]
