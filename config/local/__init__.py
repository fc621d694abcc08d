"""One machine, everything on it: servers and processes of `make demo`, `make smoke` and the tests.

Reading order: processes (children that die with their parent) → folders (where data may live)
→ postgres, valkey → servers (both, or the ones named by the environment) → supervisor, smoke.
"""
