"""MATPOWER case files: what is read, and what is refused with a reason."""
# ruff: noqa: E501 - messages stand on one line, as a user reads them

import numpy as np
import pytest

from agentsim.core.errors import UnreadableCase
from agentsim.networks import PowerGrid
from agentsim.place.readers.matpower import read_matpower

TEXT = """function mpc = tiny
mpc.version = '2';
mpc.baseMVA = 100;   % power base
%% bus data
mpc.bus = [
	1	3	0	0	0	0	1	1	0	230	1	1.1	0.9;
	20	1	50	9	2	0	1	1	0	230	1	1.1	0.9;  % a comment; with semicolons ]
	7	1	30, 9, 0, 0, 1, 1, 0, 230, 1, 1.1, 0.9
	9	4	99	9	0	0	1	1	0	230	1	1.1	0.9;
];
mpc.gen = [
	1	0	0	9	-9	1	100	1	80	10;
	20	0	0	9	-9	1	100	0	70	0;
	9	0	0	9	-9	1	100	1	60	0;
	7	0	0	9	-9	1	100	1	40	0;
];
mpc.branch = [
	1	20	0.01	0.1	0	65	0	0	0	0	1	-30	30;
	20	7	0.01	0.2	0	0	0	0	0.98	-5	1	-30	30;
	1	7	0.01	0.2	0	50	0	0	0	0	0	-30	30;
	7	9	0.01	0.2	0	50	0	0	0	0	1	-30	30;
];
mpc.gencost = [
	2	0	0	3	0.02	15	3;
	2	0	0	2	20	0	0;
	2	0	0	2	20	0	0;
	1	0	0	2	0	5	10	205;
];
mpc.genfuel = {'coal'; 'oil'; 'wind'; 'hydro'};
mpc.bus_name = {
	'harbour [old] % east';
	'mill';
};
"""


def read(tmp_path, text=TEXT):
    path = tmp_path / "tiny.m"
    path.write_text(text, encoding="utf-8")
    return read_matpower(path)


def test_what_is_in_service_is_read(tmp_path):
    case = read(tmp_path)
    assert case.base_mva == 100
    assert case.bus_id == ("1", "20", "7")
    assert case.bus_load_mw.tolist() == [0, 50, 30]
    assert case.bus_shunt_mw.tolist() == [0, 2, 0]
    assert case.line_from.tolist() == [0, 1]
    assert case.line_to.tolist() == [1, 2]
    assert case.line_limit_mw.tolist() == [65, np.inf]
    assert case.line_tap.tolist() == [1, 0.98]
    assert case.line_shift_deg.tolist() == [0, -5]
    assert case.unit_bus.tolist() == [0, 2]
    assert case.unit_max_mw.tolist() == [80, 40]
    assert case.unit_min_mw.tolist() == [10, 0]
    assert case.unit_cost.tolist() == [[0.02, 15, 3], [0, 20, 5]]
    assert case.unit_fuel == ("coal", "hydro")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mpc.baseMVA = 100;", "mpc.baseMVA = many;", r"tiny.m:3: mpc.baseMVA must be a positive number"),
        ("65\t0\t0\t0\t0\t1", "6x5\t0\t0\t0\t0\t1", r"tiny.m:18: mpc.branch: '6x5' is not a number"),
        ("\t20\t7\t0.01", "\t20\t8\t0.01", r"tiny.m:19: mpc.branch names bus 8, which mpc.bus does not have"),
        ("\t20\t1\t50", "\t1\t1\t50", r"tiny.m:7: bus 1 appears twice"),
        ("100\t1\t80\t10;", "100\t1;", r"tiny.m:12: mpc.gen needs 10 columns, this row has 8"),
        ("0.01\t0.1\t0\t65", "0.01\t0\t0\t65", r"tiny.m:18: a branch has reactance 0"),
        ("3\t0.02\t15\t3", "3\t-0.02\t15\t3", r"tiny.m:24: a cost curve is concave"),
        ("3\t0.02\t15\t3", "4\t0.1\t0.02\t15\t3", r"tiny.m:24: a cost polynomial is of order above 2"),
        ("3\t0.02\t15\t3", "3\t0.02\t15", r"tiny.m:24: mpc.gencost promises 3 numbers after n and has 2"),
        (
            "2\t0\t5\t10\t205",
            "3\t0\t5\t10\t205\t20\t300",
            r"tiny.m:27: a piecewise linear cost has slopes that fall",
        ),
        ("\t1\t0\t0\t2\t0\t5\t10\t205;\n", "", r"mpc.gencost has fewer rows than mpc.gen"),
        ("\t'mill';\n};", "\t'mill';\n", r"tiny.m:30: mpc.bus_name is never closed"),
        (
            "mpc.genfuel",
            "mpc.bus(:, 3) = interp1(1:3, mpc.bus(:, 3));\nmpc.genfuel",
            r"tiny.m:29: the case computes its data",
        ),
        (
            "mpc.genfuel",
            "mpc.dcline = [\n1 20 1 10;\n];\nmpc.genfuel",
            r"tiny.m:30: mpc.dcline needs 11 columns",
        ),
        (
            "mpc.genfuel",
            "mpc.dcline = [\n1 20 1 0 0 0 0 1 1 9 5;\n];\nmpc.genfuel",
            r"tiny.m:30: a DC line's least flow Pmin is above its largest",
        ),
        (
            "mpc.genfuel",
            "mpc.dcline = [\n1 20 1 0 0 0 0 1 1 0 Inf;\n];\nmpc.genfuel",
            r"tiny.m:30: mpc.dcline: column 11 is infinite",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_line_rule_and_remedy(tmp_path, old, new, message):
    assert old in TEXT
    with pytest.raises(UnreadableCase, match=message) as raised:
        read(tmp_path, TEXT.replace(old, new, 1))
    assert ";" in str(raised.value)  # the rule; what to do


def test_a_dc_line_out_of_service_is_no_obstacle(tmp_path):
    assert len(read(tmp_path, TEXT + "mpc.dcline = [\n1 20 0 10;\n];\n").line_from) == 2


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableCase, match=r"nowhere\.m: cannot be read"):
        read_matpower(tmp_path / "nowhere.m")


# --- three buses, 150 MW: forms that other programs and people write

THREE = """function mpc = t
mpc.version = '2';
mpc.baseMVA = 100;
%% bus
mpc.bus = [
 1 3 0 0 0 0 1 1 0 230 1 1.1 0.9;
 2 1 100 30 0 0 1 1 0 230 1 1.1 0.9;
 3 1 50 10 0 0 1 1 0 230 1 1.1 0.9;
];
mpc.gen = [
 1 100 0 100 -100 1 100 1 200 0;
 3 0 0 100 -100 1 100 1 100 0;
];
mpc.branch = [
 1 2 0.01 0.1 0 0 0 0 0 0 1 -360 360;
 2 3 0.01 0.1 0 0 0 0 0 0 1 -360 360;
 1 3 0.01 0.1 0 0 0 0 0 0 1 -360 360;
];
mpc.gencost = [
 2 0 0 2 20 0;
 2 0 0 2 40 0;
];
"""
COMMENT = "%{\nold costs\nmpc.gencost = [\n 2 0 0 2 60 0;\n 2 0 0 2 2 0;\n];\n%}\n"
NESTED = "mpc.gen = [\n  %{\n %{\n one unit\n %}\n 1 100 0 100 -100 1 100 1 900 0;\n %}\n"


def of_text(folder, text):
    path = folder / "t.m"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return PowerGrid.from_matpower(path)


def edited(old, new):
    assert old in THREE
    return THREE.replace(old, new, 1)


@pytest.mark.parametrize(
    "text",
    [
        THREE,
        THREE + COMMENT,
        COMMENT + THREE,
        edited("mpc.gen = [\n", NESTED),
        edited("0 0 1 1 0 230 1 1.1 0.9;\n 3", "0 ...\n 0 1 1 0 230 1 1.1 0.9;\n 3"),
        edited("100 1 200 0;", "... rating, % base\n 100 ...\n 1 200 0;"),
        edited("mpc.version", "mpc = struct(); mpc.version"),
        edited("mpc.baseMVA = 100;", "mpc.baseMVA = ...\n 100;"),
        edited("'2';\nmpc.base", "'2'; mpc.base"),
        edited("];\nmpc.branch = [\n", "]; mpc.branch = ["),
        edited("'2';\nmpc.baseMVA = 100;\n%% bus\n", "'2', mpc.baseMVA = 100, "),
        edited(" 2 0 0 2 40 0;\n];", " 2 0 0 2 40 0]"),
        edited("1 100 0 100 -100", "1 100 0 Inf -Inf"),
        edited("1 2 0.01 0.1 0 0", "1 2 0.01 0.1 0 Inf"),
        THREE.replace("\n", "\r"),
        THREE.replace("\n", "\r\n"),
        "\ufeff" + THREE,
        THREE.encode("utf-16"),
        edited("%% bus", "%% Stra\xdfe").encode("latin-1"),
        edited("%% bus", "%% 母線の表").encode("cp932"),
    ],
)
def test_every_way_to_write_the_same_case_costs_the_same(tmp_path, text):
    found = of_text(tmp_path, text).dispatch()
    assert found.cost == pytest.approx(3000.0)
    np.testing.assert_allclose(found.price_per_mwh, 20.0, atol=1e-3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1 200 0;", "1 Inf 0;", r"t\.m:11: mpc\.gen: column 9 is infinite; write a finite number, for a unit"),
        ("1 200 0;", "1 200 -Inf;", r"t\.m:11: mpc\.gen: column 10 is infinite"),
        ("2 1 100 30", "2 1 Inf 30", r"t\.m:7: mpc\.bus: column 3 is infinite"),
        ("1 2 0.01 0.1", "1 2 0.01 Inf", r"t\.m:15: mpc\.branch: column 4 is infinite"),
        ("baseMVA = 100", "baseMVA = Inf", r"t\.m:3: mpc\.baseMVA must be a positive number"),
        ("baseMVA = 100", "baseMVA = NaN", r"t\.m:3: mpc\.baseMVA must be a positive number"),
        ("2 40 0", "2 NaN 0", r"t\.m:21: mpc\.gencost: a number is NaN or infinite"),
        ("2 40 0", "2 40 Inf", r"t\.m:21: mpc\.gencost: a number is NaN or infinite"),
        ("2 0 0 2 40 0", "2 0 0 NaN 40 0", r"t\.m:21: mpc\.gencost: n is nan"),
        ("2 0 0 2 40 0", "NaN 0 0 2 40 0", r"t\.m:21: mpc\.gencost rows start with model"),
        ("1 200 0;", "NaN 200 0;", r"t\.m:11: mpc\.gen: a number is NaN"),
        ("1 200 0;", "1 200 250;", r"t\.m:11: .* Pmin \(250 MW\) is above its capacity Pmax \(200 MW\); correct"),
        ("1 100 0;", "1 -5 0;", r"t\.m:12: .* Pmin \(0 MW\) is above its capacity Pmax \(-5 MW\)"),
        ("1 3 0.01 0.1 0 0", "1 3 0.01 0.1 0 -9", r"t\.m:17: a branch has a rating \(rateA\) below 0"),
        ("2 40 0;\n];", "2 40 0;\n] * 2;", r"t\.m:22: '\* 2;' follows the \] of mpc\.gencost; end it with '\];'"),
        ("2 40 0;\n];", "2 40 0;\n]';", r"t\.m:22: \"';\" follows the \] of mpc\.gencost"),
        ("2 40 0;\n];", "2 40 0;\n] ...\n + 1;", r"t\.m:22: '\+ 1;' follows the \]"),
        ("2 40 0;\n];", "2 40 0;\n];\nmpc.gencost = mpc.gencost * 2;", r"t\.m:23: the case computes its data"),
        ("2 40 0;\n];", "2 40 0;\n]; mpc.gen(1, 99) = 5;", r"t\.m:22: the case computes its data"),
        ("2 40 0;\n];", "2 40 0;\n];\nif pf\n mpc.gen(1, 9) = 5;\nend", r"t\.m:23: the case computes its"),
        ("2 40 0;\n];", "2 40 0;\n];\nmpc = scale_load(2, mpc);", r"t\.m:23: the case computes its data"),
        ("gencost = [", "gencost = 2 * [", r"t\.m:19: the case computes its data"),
        ("%% bus", "%{\nbus", r"t\.m:4: the comment %\{ is never closed"),
        ("2 40 0", "2 4_0 0", r"t\.m:21: mpc\.gencost: '4_0' is not a number"),
    ],
)  # fmt: skip
def test_numbers_and_statements_that_no_dispatch_can_use_are_refused(tmp_path, old, new, message):
    with pytest.raises(UnreadableCase, match=message):
        of_text(tmp_path, edited(old, new))


def test_a_unit_out_of_service_may_have_bounds_that_contradict(tmp_path):
    case = of_text(tmp_path, edited("1 100 0;", "0 100 900;")).case
    assert case.unit_max_mw.tolist() == [200]


CONVERSION = """
[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV] = idx_bus;
[F_BUS, T_BUS, BR_R, BR_X] = idx_brch;
Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in Volts
Sbase = mpc.baseMVA * 1e6;              %% in VA
mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;
"""


def test_ohms_and_kilowatts_are_converted_as_the_file_says(tmp_path):
    plain, converted = read(tmp_path, THREE), read(tmp_path, THREE + CONVERSION)
    assert converted.line_x_pu == pytest.approx(plain.line_x_pu / (230e3**2 / 100e6))
    assert converted.line_r_pu == pytest.approx(plain.line_r_pu / (230e3**2 / 100e6))
    assert converted.bus_load_mw == pytest.approx(plain.bus_load_mw / 1e3)


@pytest.mark.parametrize(
    ("statement", "load_frac"),
    [
        ("define_constants; mpc.bus(:, PD) = 0.5 * mpc.bus(:, PD);", 0.5),
        ("pf = 0.8; mpc.bus(:, 3) = mpc.bus(:, 3) .* pf;", 0.8),
        ("pf = sin(acos(0.8)); mpc.bus(:, 3) = pf * mpc.bus(:, 3);", 0.6),
        ("mpc.bus(:, 3) = mpc.bus(:, 3) / (2 - -2)^0.5 + 0;", 0.5),
        ("fixed = 0;\nif fixed\n mpc.bus(:, 3) = 0;\nend\nmpc.bus(:, 3) = -(-mpc.bus(:, 3));", 1.0),
        ("disp('mpc.bus'); x = strcat('a', 'b');", 1.0),
        ("k = 2;\nk = mystery(1);\nk = 3;\nmpc.bus(:, k) = mpc.bus(:, k) ./ 4;", 0.25),
    ],
)
def test_usual_statements_are_carried_out(tmp_path, statement, load_frac):
    plain = read(tmp_path, THREE).bus_load_mw
    assert read(tmp_path, f"{THREE}{statement}\n").bus_load_mw == pytest.approx(load_frac * plain)


@pytest.mark.parametrize(
    "statement",
    [
        "mpc.bus(:, 3) = mpc.bus(:, 3) * mpc.bus(:, 4);",
        "mpc.bus(:, 3) = mpc.bus(:, 3) / unknown;",
        "mpc.bus(:, 3) = mpc.bus(:, [3 4]);",
        "mpc.bus(9, 3) = 1;",
        "mpc.bus(:, 3)(1) = 1;",
        "mpc.bus(:, 3) = " + "(" * 200 + "1" + ")" * 200 + ";",
        "for k = 1:3 mpc.bus(k, 3) = 1; end",
        "mpc.bus(2, :) = [];",
        "k = 2;\nk = mystery(1);\nmpc.bus(:, k) = 0;",
    ],
)
def test_a_statement_that_is_not_fully_understood_is_refused_with_its_line(tmp_path, statement):
    with pytest.raises(UnreadableCase, match=r"tiny.m:\d+: the case computes its data with a statement"):
        read(tmp_path, f"{THREE}{statement}\n")


def test_a_cell_may_be_a_product_and_a_case_may_have_no_costs(tmp_path):
    plain = read(tmp_path, THREE)
    rooted = read(tmp_path, THREE.replace("230 1 1.1", "230*sqrt(3)/sqrt(3) 1 1.1"))
    assert rooted.bus_load_mw.tolist() == plain.bus_load_mw.tolist()
    free = read(tmp_path, THREE[: THREE.index("mpc.gencost")])
    assert free.unit_cost.tolist() == [[0.0, 0.0, 0.0]] * 2


# --- costs of several slopes, and DC lines


def three(tmp_path, costs="", tail=""):
    """The three buses; unit 1 (bus 1) and unit 2 (bus 3) with these costs."""
    path = tmp_path / "three.m"
    before = THREE.split("mpc.gencost")[0]
    path.write_text(before + f"mpc.gencost = [\n{costs}\n];\n{tail}")
    return path


SLOPES = "1 0 0 4 0 0 50 500 100 1500 200 5500;\n2 0 0 2 25 0;"  # 10, 20 and 40 a MWh, against 25


def test_a_cost_of_several_slopes_is_dispatched_by_its_segments(tmp_path):
    path = three(tmp_path, SLOPES)
    done = PowerGrid.from_matpower(path).dispatch()
    assert done.generation_mw == pytest.approx([100.0, 50.0])
    assert done.cost == pytest.approx(1500.0 + 50 * 25.0)
    assert done.price_per_mwh == pytest.approx([25.0] * 3, rel=1e-4)
    case = read_matpower(path)
    assert case.unit_slopes.tolist() == [[0, 50, 10], [0, 50, 20], [0, 100, 40]]
    c2, c1, c0 = case.unit_cost[0]
    assert [c1, c1 + 2 * c2 * 200] == pytest.approx([10.0, 40.0])  # the slopes at both ends
    assert (c2 * 200 + c1) * 200 + c0 == pytest.approx(5500.0)


def test_a_curve_that_ends_below_the_capacity_goes_on_as_it_is(tmp_path):
    path = three(tmp_path, "1 0 0 3 0 0 50 500 60 700;\n2 0 0 2 100 0;")
    done = PowerGrid.from_matpower(path).dispatch()
    assert done.generation_mw == pytest.approx([150.0, 0.0])
    assert done.cost == pytest.approx(500.0 + 100 * 20.0)


def test_several_units_with_curves_beside_quadratic_ones(tmp_path):
    """Against all possible dispatches in steps of 1 MW."""
    path = three(tmp_path, SLOPES.replace("2 0 0 2 25 0;", "1 0 0 3 0 0 30 150 100 2600;"))
    done = PowerGrid.from_matpower(path).dispatch()

    def cost(first: float, second: float) -> float:
        ours = np.interp(first, [0, 50, 100, 200], [0, 500, 1500, 5500])
        return float(ours + np.interp(second, [0, 30, 100], [0, 150, 2600]))

    best = min(cost(150 - mw, mw) for mw in range(101))
    assert done.cost == pytest.approx(best)
    assert done.generation_mw == pytest.approx([100.0, 50.0])


def test_a_dc_line_carries_what_is_cheapest_up_to_its_limit(tmp_path):
    cheap = "2 0 0 2 10 0;\n2 0 0 2 30 0;"
    limited = THREE.replace("1 2 0.01 0.1 0 0", "1 2 0.01 0.1 0 60")
    assert limited != THREE
    tail = "mpc.dcline = [\n1 3 1 0 0 0 0 1 1 0 25 0 0 0 0 0 0;\n];\n"
    path = tmp_path / "dc.m"
    before = limited.split("mpc.gencost")[0]
    path.write_text(before + f"mpc.gencost = [\n{cheap}\n];\n")
    without = PowerGrid.from_matpower(path).dispatch()
    path.write_text(before + f"mpc.gencost = [\n{cheap}\n];\n{tail}")
    with_line = PowerGrid.from_matpower(path).dispatch()
    assert with_line.generation_mw[0] > without.generation_mw[0]
    assert with_line.generation_mw.sum() == pytest.approx(150.0)
    leaves = with_line.generation_mw[0] - with_line.flow_mw[read_matpower(path).line_from == 0].sum()
    assert 0.0 < leaves <= 25.0 + 1e-6


def test_a_city_takes_dc_lines_and_curves_in_its_own_way_and_says_so(tmp_path):
    from agentsim.place.build import build
    from agentsim.place.guesses import guesses
    from agentsim.place.spec import SHIPPED, spec_of_files

    tail = "mpc.dcline = [\n1 3 1 0 0 0 0 1 1 -25 25;\n];\n"
    path = three(tmp_path, SLOPES, tail)
    built = build(spec_of_files(SHIPPED / "bay_city" / "Net3.inp", path))
    said = {guess.name: guess for guess in guesses(built)}
    assert said["DC lines"].value == 1
    assert said["unit costs"].value == "1 units"
    assert len(built.place.grid.line_from) == len(read_matpower(path).line_from) + 1


def test_a_file_that_holds_no_case_is_told_so(tmp_path):
    file = tmp_path / "contingencies.m"
    file.write_text("function chgtab = contingencies\nchgtab = [ 1 0.1 1 4 1 0 1 0; ];\n")
    with pytest.raises(UnreadableCase, match=r"contingencies\.m:1: this file sets no mpc\.bus"):
        read_matpower(file)
