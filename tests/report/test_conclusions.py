"""What follows from a comparison, told in sentences."""

from test_tables import table  # noqa: F401 - the fixture

from agentsim.report.conclusions import conclusions


def test_conclusions_are_read_off_the_intervals(table):  # noqa: F811
    names = {"E-C2": "Distributed energy management"}
    against, without, price = conclusions(table, names)
    assert against == (
        "Against the coercer, E-C2 (Distributed energy management) lowered deprivation in the worst district "
        "by 40 %; X-C5 and W-C1 made no difference that 5 seeds can show."
    )
    assert without.startswith("Without an attack, E-C2")
    assert "432 JPY" in price


def test_one_seed_is_no_ground_for_a_conclusion(table):  # noqa: F811
    table.attrs["seeds"] = [1]
    assert "one seed shows no interval" in conclusions(table, {})[0]


def test_policies_that_hurt_are_named(table):  # noqa: F811
    hurt = (table["policy"] == "W-C1") & (table["attacker"] == "coercer")
    table.loc[hurt, ["difference_low", "difference_high"]] = [5.0, 15.0]
    assert "; W-C1 raised it by 5 %; X-C5 made no difference" in conclusions(table, {})[0]


def test_an_attacker_is_told_in_words(table):  # noqa: F811
    table.attrs["mind"] = "best_response"
    assert conclusions(table, {})[0].startswith("Against the coercer that plans, E-C2 lowered")


def test_what_stays_the_same_is_told_with_its_value(table):  # noqa: F811
    calm = table[table["policy"].isin(["none", "X-C5"])].copy()
    calm.attrs = table.attrs
    assert conclusions(calm, {})[-1] == (
        "Without an attack, no policy changed deprivation in the worst district: "
        "it stayed at 20 weighted hours per person."
    )


def test_the_number_of_pairs_is_that_of_the_rows(table):  # noqa: F811
    table.loc[(table["policy"] == "W-C1") & (table["attacker"] == "coercer"), "n"] = 2
    assert "X-C5 and W-C1 made no difference that 2 to 5 seeds can show" in conclusions(table, {})[0]


def test_where_a_district_gives_in_no_price_of_deprivation_is_told(table):  # noqa: F811
    waits = table.copy()
    waits.attrs = table.attrs
    named = waits["outcome"] == "deprivation_worst_district"
    waits.loc[named & (waits["attacker"] == "coercer"), "outcome"] = "time_to_concession_h"
    told = " ".join(conclusions(waits, {}))
    assert "the time to a concession" in told
    assert "deprivation avoided" not in told
