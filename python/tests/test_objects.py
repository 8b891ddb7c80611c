"""Objects that stay in the worker: what can be done with them, and when they go."""

import gc

from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import FrameType
from pets_module import Ask, Thing, call, module


def test_attributes_calls_and_items(ask: Ask, pets: int) -> None:
    thing = call(ask, pets, "Thing", kwargs={"size": 5})["v"]["r"][0]
    assert ask(FrameType.GET, on=thing, path=["size"]) == {"v": 5}
    assert call(ask, thing, "twice", args=[4], kwargs={"plus": 1}) == {"v": 9}
    assert ask(FrameType.GET, on=thing, path=["table", ["a"]]) == {"v": 1}
    assert ask(FrameType.SET, on=thing, path=["table", ["b"]], value={"T": [1, 2]}) == {}
    assert ask(FrameType.GET, on=thing, path=["table"]) == {"v": {"m": ["a", 1, "b", {"T": [1, 2]}]}}
    assert ask(FrameType.DELETE, on=thing, path=["table", ["a"]]) == {}
    assert ask(FrameType.SET, on=thing, path=["size"], value=8) == {}
    assert ask(FrameType.LOOK, on=thing, path=["size"], how="str") == {"v": "8"}
    assert ask(FrameType.LOOK, on=thing, path=[], how="dir") == {"v": ["me", "size", "table", "twice"]}
    answer = ask(FrameType.GET, on=thing, path=["nothing"])
    assert (answer["kind"], answer["class"]) == ("user", "AttributeError")


def test_the_same_object_has_one_number_until_all_of_its_references_are_back(
    dispatcher: Dispatcher, ask: Ask, pets: int
) -> None:
    thing = call(ask, pets, "Thing")["v"]["r"][0]
    assert call(ask, thing, "me")["v"]["r"] == [thing, "pets.Thing"]
    assert len(dispatcher.objects.objects) == 2
    ask(FrameType.RELEASE, references=[[thing, 1]])
    assert ask(FrameType.GET, on=thing, path=["size"]) == {"v": 3}
    ask(FrameType.RELEASE, references=[[thing, 1], [pets, 1], [99, 4]])
    assert len(dispatcher.objects.objects) == 0
    assert ask(FrameType.GET, on=thing, path=["size"])["kind"] == "protocol"


def test_ten_thousand_objects_come_and_go(dispatcher: Dispatcher, ask: Ask, pets: int) -> None:
    numbers = [call(ask, pets, "Thing")["v"]["r"][0] for _ in range(10_000)]
    assert len(dispatcher.objects.objects) == 10_001
    ask(FrameType.RELEASE, references=[[number, 1] for number in numbers])
    assert len(dispatcher.objects.objects) == 1
    gc.collect()
    assert sum(isinstance(thing, Thing) for thing in gc.get_objects()) == 0


def test_iteration_goes_item_by_item(dispatcher: Dispatcher, ask: Ask, pets: int) -> None:
    generator = call(ask, pets, "count_to", args=[3])["v"]["r"][0]
    number = ask(FrameType.ITERATE, on=generator, path=[])["number"]
    assert ask(FrameType.NEXT, on=number, count=1, ms=0) == {"items": [0], "done": False}
    assert ask(FrameType.NEXT, on=number, count=5, ms=1000) == {"items": [1, 2], "done": True}
    assert ask(FrameType.NEXT, on=number, count=1, ms=0)["kind"] == "protocol"
    ask(FrameType.RELEASE, references=[[generator, 1]])
    assert len(dispatcher.objects.objects) == 1


def test_closing_ends_the_generator(ask: Ask, pets: int) -> None:
    before = module.closed
    number = ask(FrameType.ITERATE, on=call(ask, pets, "count_to", args=[9])["v"]["r"][0], path=[])["number"]
    ask(FrameType.NEXT, on=number, count=1, ms=0)
    assert ask(FrameType.CLOSE, on=number) == {}
    assert module.closed == before + 1


def test_an_error_of_a_generator_comes_after_the_items_before_it(ask: Ask, pets: int) -> None:
    number = ask(FrameType.ITERATE, on=call(ask, pets, "failing", args=[2])["v"]["r"][0], path=[])["number"]
    assert ask(FrameType.NEXT, on=number, count=9, ms=1000) == {"items": [0, 1], "done": False}
    answer = ask(FrameType.NEXT, on=number, count=9, ms=1000)
    assert (answer["kind"], answer["class"], answer["message"]) == ("user", "LookupError", "no more")
    assert "failing" in answer["traceback"]


def test_coroutines_and_asynchronous_generators_are_run(ask: Ask, pets: int) -> None:
    assert call(ask, pets, "later", args=[1]) == {"v": 2}
    number = ask(FrameType.ITERATE, on=call(ask, pets, "ticks", args=[2])["v"]["r"][0], path=[])["number"]
    assert ask(FrameType.NEXT, on=number, count=9, ms=1000) == {"items": [0, 1], "done": True}
    number = ask(FrameType.ITERATE, on=call(ask, pets, "ticks", args=[2])["v"]["r"][0], path=[])["number"]
    assert ask(FrameType.CLOSE, on=number) == {}


def test_a_batch_gives_each_call_its_own_result_or_error(ask: Ask, pets: int) -> None:
    items = ask(FrameType.BATCH, on=pets, path=["in_batches"], columns=[[2, 3, 4]], count=3)["items"]
    assert [item.get("v") for item in items] == [20, None, 40]
    assert (items[1]["e"]["class"], items[1]["e"]["message"]) == ("ValueError", "3 is odd")
    answer = ask(FrameType.BATCH, on=pets, path=["same"], columns=[[2, 3]], count=3)
    assert answer["kind"] == "result" and "must give 3 results, received 2" in answer["message"]
    assert "received int" in ask(FrameType.BATCH, on=pets, path=["later"], columns=[1], count=2)["message"]


def test_an_error_with_hostile_text_is_an_error_all_the_same(ask: Ask, pets: int) -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    def fail(error: Exception) -> None:
        raise error

    fail.__module__ = "pets"
    for error in (ValueError("half \ud800"), Silent(), SystemExit(3), KeyboardInterrupt()):
        module.fail = lambda error=error: fail(error)  # type: ignore[attr-defined]
        module.fail.__module__ = "pets"
        assert call(ask, pets, "fail")["class"] == type(error).__name__
