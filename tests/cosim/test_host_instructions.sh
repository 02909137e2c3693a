#!/bin/bash
# Instructions of the host's hot paths, held to their limits: tests/bench/host_instructions.
exec tests/bench/host_instructions
