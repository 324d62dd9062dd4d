#!/bin/sh
# Starts agentsim with the first Python that the wheels of this folder are made for.
cd "$(dirname "$0")" || exit 1
for p in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$p" >/dev/null 2>&1 && "$p" start.py --check 2>/dev/null; then
        exec "$p" start.py "$@"
    fi
done
for p in python3 python; do
    if command -v "$p" >/dev/null 2>&1; then exec "$p" start.py "$@"; fi # says what is missing
done
echo "Python is missing: see README.txt / Python がありません。README.txt を見てください" >&2
exit 2
