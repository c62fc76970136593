"""A scenario breaks nothing that was broken before, and always undoes what it did."""

import pytest

from solstice.drills.scenario import Action, Probe, Scenario, run_scenario


class House:
    """Something that can be broken and mended."""

    def __init__(self) -> None:
        self.is_whole = True
        self.done: list[str] = []

    async def holds(self) -> bool:
        """Whether it is whole."""
        return self.is_whole

    async def damage(self) -> None:
        """Break it."""
        self.done.append("break")
        self.is_whole = False

    async def mend(self) -> None:
        """Mend it."""
        self.done.append("mend")
        self.is_whole = True

    async def fail(self) -> None:
        """Find that it cannot be done."""
        raise OSError("no such process")

    def scenario(self, *method: Action) -> Scenario:
        """Break the house and mend it."""
        return Scenario(
            title="A house",
            description="It is broken and mended.",
            steady_state=(Probe(sentence="the house is whole", holds=self.holds, within_s=0.1),),
            method=method,
            rollbacks=(Action(name="mend", run=self.mend),),
            promises=(Probe(sentence="it can be broken", holds=self._is_broken, within_s=0.1),),
        )

    async def _is_broken(self) -> bool:
        return not self.is_whole


@pytest.fixture
def house() -> House:
    """A whole house."""
    return House()


async def test_a_disaster_that_keeps_its_promises_is_kept(house: House) -> None:
    """Broken, judged, mended, whole again; the seed and the commit are on record."""
    journal = await run_scenario(house.scenario(Action(name="break", run=house.damage)), seed=42)
    assert journal.is_kept
    assert [finding.kind for finding in journal.findings] == [
        "before",
        "method",
        "promise",
        "rollback",
        "after",
    ]
    assert journal.seed == 42
    assert journal.commit


async def test_nothing_is_broken_that_was_not_whole_before(house: House) -> None:
    """A drill on a sick platform proves nothing and may kill it."""
    house.is_whole = False
    journal = await run_scenario(house.scenario(Action(name="break", run=house.damage)), seed=1)
    assert journal.status == "failed"
    assert house.done == []


async def test_what_was_broken_is_mended_even_when_an_action_fails(house: House) -> None:
    """Rollbacks always run."""
    journal = await run_scenario(
        house.scenario(
            Action(name="break", run=house.damage), Action(name="impossible", run=house.fail)
        ),
        seed=1,
    )
    assert journal.status == "aborted"
    assert house.done == ["break", "mend"]


async def test_a_broken_promise_is_said(house: House) -> None:
    """A method that does nothing does not break the house, and the promise was that it would."""
    journal = await run_scenario(house.scenario(), seed=1)
    assert not journal.is_kept
    assert [f.name for f in journal.findings if not f.is_good] == ["it can be broken"]
