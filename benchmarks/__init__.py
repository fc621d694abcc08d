"""What `make bench` runs: one table, side by side, same content, machine and sink.

`make bench` takes hours and writes docs/benchmarks.md; `make bench ARGS=--quick` takes minutes and
writes nothing; `make bench ARGS="100k --courses written --only rabita lean"` runs a part. Linux.

Read it in this order:

1. `people.py`, `content.py`: who is written to, and what.
2. `programme.py`: who takes part in which course. `__main__.py`: at which sizes.
3. `race.py`: one run, from "go" to the last answer, and what the sink's ledger says. `driver.py`:
   the contender's side of it. `measure.py`: CPU and memory of processes, from outside.
4. `arena.py`: servers, a database for each race, the sink. `pypi.py`: the other environment.
5. `product.py`, `engine.py`: ours, as it is. The only two files that know the engine.
6. `lean/`: the raw loops and the lean bound L. `rivals/`: what others would use.
7. `pages.py`, `site.py`, `paths.py`: pages, beside files and a stock site; `ARGS=pages` runs these.
8. `goals.py`, `report.py`, `explained.md`: the figures asked for, and the document.

Nothing here asserts a time, and nothing of the product imports it.
"""
