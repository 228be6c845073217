"""One table says which process answers which path."""

from core.origin import ROUTES, process_for


def test_every_path_has_a_process() -> None:
    assert {process for _, process in ROUTES} <= {"web", "service"}
    assert process_for("/") == ROUTES[-1][1]
    assert process_for("/any/path") == ROUTES[-1][1]


def test_the_longest_prefix_comes_first() -> None:
    lengths = [len(prefix) for prefix, _ in ROUTES]
    assert lengths == sorted(lengths, reverse=True)


def test_a_prefix_ends_where_its_name_ends() -> None:
    for prefix, process in ROUTES[:-1]:
        assert process_for(prefix) == process_for(f"{prefix}/x") == process
        assert process_for(f"{prefix}x") == process_for("/")
