"""``python -m benchmarks [--quick] [--json] [--only WORD]``."""

from __future__ import annotations

import argparse
import os
import sys

#: What the linear algebra libraries read when they are loaded: one thread each, or a ratio compares core counts.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")


def main() -> int:
    """Run the benchmarks; 0 whether or not the goals are met, for a busy machine is no defect."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast the theorem checker is.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: under half a minute")
    parser.add_argument("--json", action="store_true", help="print an array of objects, and nothing else")
    parser.add_argument("--only", metavar="WORD", default="", help="only the groups whose name contains WORD")
    arguments = parser.parse_args()
    os.environ.update(dict.fromkeys(THREADS, "1"))
    from benchmarks.run import run  # NumPy reads the number of threads once, when it is imported

    return run(quick=arguments.quick, json=arguments.json, only=arguments.only)


if __name__ == "__main__":
    sys.exit(main())
