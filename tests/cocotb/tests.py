"""Prints the names of the tests in test_pcie.py, one a line."""
import pathlib
import re

source = (pathlib.Path(__file__).parent / "test_pcie.py").read_text()
for name in re.findall(r"^@cocotb\.test\(.*\)\nasync def (\w+)", source, re.M):
    print(name)
