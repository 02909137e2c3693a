#!/bin/bash
# A short version of `make soak`: 24 simulated hours with few messages. Prints TAP.
exec tests/soak
