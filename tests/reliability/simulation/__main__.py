"""Run one simulation: ``python -m tests.reliability.simulation --seed 7 --operations 50000``.

Prints what it did; a broken promise with the steps that led to it, and then exits 1.
"""

import sys
from argparse import ArgumentParser

from tests.reliability.simulation.mutants import MUTANTS
from tests.reliability.simulation.simulation import simulate


def main() -> int:
    """Run the simulation that the arguments name."""
    parser = ArgumentParser(prog="python -m tests.reliability.simulation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=50_000)
    parser.add_argument("--outage-hours", type=float, default=0.0, help="of the catalogue")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="break the program first")
    arguments = parser.parse_args()
    if arguments.mutant:
        MUTANTS[arguments.mutant]()
    outcome = simulate(arguments.seed, arguments.operations, arguments.outage_hours)
    if outcome.violation is not None:
        print("\n".join(outcome.trace))
        print(f"\nVIOLATION {outcome.violation}")
    print(
        f"seed {outcome.seed}: {outcome.operations:,} operations, {outcome.events:,} events,"
        f" {outcome.rebuilds} rebuilds, {outcome.dead_letters} dead letters,"
        f" {outcome.seconds:,.0f} s of virtual time, trace {outcome.digest[:16]}"
    )
    return outcome.violation is not None


if __name__ == "__main__":
    sys.exit(main())
