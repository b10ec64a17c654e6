from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.heap import IndexedHeap

MOVES = st.lists(st.tuples(st.sampled_from(["put", "leave", "first"]), st.integers(0, 5), st.integers(0, 9)))


@given(MOVES)
def test_the_line_serves_as_a_sorted_list_would(moves: list[tuple[str, int, int]]) -> None:
    line: IndexedHeap[tuple[int], int] = IndexedHeap()
    model: dict[int, tuple[int, int]] = {}
    for number, (move, who, key) in enumerate(moves):
        match move:
            case "put":
                line.put(who, (key,))
                model[who] = (key, number)
            case "leave":
                line.leave(who)
                model.pop(who, None)
            case _:
                first = min(model, key=lambda each: model[each], default=None)
                assert line.first() == (None if first is None else ((model[first][0],), first))


def test_places_that_were_given_up_take_no_room() -> None:
    line: IndexedHeap[tuple[int], str] = IndexedHeap()
    line.put("first", (0,))
    for number in range(1000):
        line.put("restless", (number + 1,))
    assert len(line._heap) < 25
