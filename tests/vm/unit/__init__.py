"""Tests of what the beds judge with, without a virtual machine: python3 -m unittest in tests/vm."""
