"""Fused multiply-adds: a product and the sum it goes into, rounded once."""

from __future__ import annotations

from autograd.compiler.codegen.abi import Target
from autograd.program.instructions import Instructions, made
from autograd.rules.composites import Splitter

FUSED = {"add": ("fma", "fma"), "sub": ("fms", "fnma")}  # a·b + c, a·b − c, c − a·b


def fuse(program: Instructions, target: Target) -> Instructions:
    """Sums with a product as fused multiply-adds, where the target has them.

    A product is fused even if it has other uses, so that a value has the same bits in every program. Of two products the
    first is fused, but a·b − b·a stays 0.
    """
    if not target.contract:
        return program
    nodes = list(program.nodes)
    splitters = {i for i, x in program.constants.items() if isinstance(x, Splitter)}
    products = bytearray(len(nodes))  # 1 where there is one that can be fused
    for i, (op, args) in enumerate(program.nodes):
        if op == "mul":
            products[i] = splitters.isdisjoint(args)
        elif op in FUSED:
            a, b = args
            if products[a] and products[b] and sorted(nodes[a].args) == sorted(nodes[b].args):
                continue
            if products[a]:
                nodes[i] = made((FUSED[op][0], (*nodes[a].args, b)))
            elif products[b]:
                nodes[i] = made((FUSED[op][1], (*nodes[b].args, a)))
    scans = {name: scan._replace(body=fuse(scan.body, target)) for name, scan in program.scans.items()}
    return program.replaced(nodes, scans=scans)
