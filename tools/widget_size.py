"""What a visitor's browser loads for the chat, compressed, part by part; over the budget it fails the check."""

from __future__ import annotations

from handoff.widget.scripts import BUDGET, Scripts


def main(budget: int = BUDGET) -> int:
    """0 when all parts together fit into the budget, 1 when not; prints the bytes of each."""
    sizes = Scripts().sizes()
    whole = sum(sizes.values())
    parts = " + ".join(f"{name} {size}" for name, size in sizes.items())
    print(f"widget: {parts} = {whole} of {budget} bytes, compressed")  # noqa: T201
    if whole > budget:
        print(f"widget: {whole - budget} bytes over the budget")  # noqa: T201
    return int(whole > budget)


if __name__ == "__main__":
    raise SystemExit(main())
