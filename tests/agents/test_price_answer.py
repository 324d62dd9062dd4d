"""The answer to the price of power: its formula, and that a kept answer never outlives price or trust."""

import numpy as np

from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.agents.households.price_answer import PriceAnswer

NUMBERS = HouseholdsParameters()


def expected(price_frac: float, trust: np.ndarray) -> list[float]:
    return (price_frac ** (NUMBERS.power_elasticity * (trust / NUMBERS.trust_start))).tolist()


def test_the_answer_follows_price_and_trust_also_when_trust_is_written_in_place() -> None:
    answer, trust = PriceAnswer(3, NUMBERS), np.array([0.0, 0.6, 0.9])
    for price_frac in (1.1, 1.1, 0.8):
        assert answer.at(price_frac, trust).tolist() == expected(price_frac, trust)
    trust[1] = 0.3
    assert answer.at(0.8, trust).tolist() == expected(0.8, trust)


def test_at_the_ordinary_price_and_without_trust_all_answer_alike() -> None:
    answer, trust = PriceAnswer(2, NUMBERS), np.array([0.2, 0.9])
    answer.at(1.3, trust)
    assert answer.at(1.0, trust).tolist() == [1.0, 1.0]
    assert answer.at(1.3, None).tolist() == [1.3**NUMBERS.power_elasticity] * 2
