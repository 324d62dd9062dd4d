"""MATPOWER case files: what is read, and what is refused with a reason."""

import numpy as np
import pytest

from agentsim.core.errors import UnreadableCase
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
            "3\t0\t5\t10\t205\t20\t900",
            r"tiny.m:27: a piecewise linear cost has several slopes",
        ),
        ("mpc.gencost", "mpc.costs", r"mpc.gencost is missing"),
        ("\t1\t0\t0\t2\t0\t5\t10\t205;\n", "", r"mpc.gencost has fewer rows than mpc.gen"),
        ("\t'mill';\n};", "\t'mill';\n", r"tiny.m:30: mpc.bus_name is never closed"),
        (
            "mpc.genfuel",
            "mpc.bus(:, 3) = 2 * mpc.bus(:, 3);\nmpc.genfuel",
            r"tiny.m:29: the case computes its data",
        ),
        ("mpc.genfuel", "mpc.dcline = [\n1 20 1 10;\n];\nmpc.genfuel", r"tiny.m:30: a DC line is in service"),
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
