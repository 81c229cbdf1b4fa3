"""What the encoder alone can do on this machine: `python -m bench.ceiling ENCODER_FOLDER` reads texts from standard input and prints JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.encoder import OnnxEncoder

ROUNDS = 3
THREADS = (1, 2)


def main(folder: Path, texts: list[str]) -> dict[str, float]:
    """`p50_ms` of one text read alone, and `per_second` at the best number of threads."""
    encoder = OnnxEncoder(folder)
    encoder.read_queries(texts[:1])
    alone = []
    for text in texts:
        began = time.perf_counter()
        encoder.read_queries([text])
        alone.append(time.perf_counter() - began)
    rates = []
    for threads in THREADS:
        with ThreadPoolExecutor(threads) as pool:
            began = time.perf_counter()
            list(pool.map(lambda text: encoder.read_queries([text]), texts * ROUNDS))
            rates.append(len(texts) * ROUNDS / (time.perf_counter() - began))
    return {"p50_ms": statistics.median(alone) * 1000, "per_second": max(rates)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), json.load(sys.stdin))))
