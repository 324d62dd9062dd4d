"""The same problems given to other programs; each file is run by itself, by a Python that has the program.

    python benchmarks/rivals/NAME.py PROBLEM.npz ANSWER.npz

reads a problem that ``side_by_side.py`` wrote, prints the seconds of the quickest of some runs, and writes
the answer for comparison. None of them needs agentsim.
"""
