"""The PyTorch rival: reads commands on stdin, answers each with one line on stdout.

  version            PyTorch's version
  open KIND N[,N...] KIND: fused or foreach, over tensors of N elements each; "ok"
  run WARM STEPS     WARM steps untimed, then STEPS: the median of their nanoseconds
  read FIRST COUNT   COUNT weights of the first tensor
  (end of input)     quits

Weights, gradients and hyper-parameters are those of bench/harness/data.ts.
"""

import statistics
import sys
import time

import torch

torch.set_num_threads(1)


def weights(length):
    i = torch.arange(length, dtype=torch.int64)
    return (0.5 + (i * 31 % 97).double() / 97).float()


def gradients(length):
    i = torch.arange(length, dtype=torch.int64)
    return (0.001 * (1 + i * 7919 % 251).double() * (1 - 2 * (i % 2))).float()


def open_tensors(kind, lengths):
    parameters = [torch.nn.Parameter(weights(length)) for length in lengths]
    for parameter in parameters:
        parameter.grad = gradients(parameter.numel())
    optimizer = torch.optim.AdamW(
        parameters,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0.01,
        **{kind: True},
    )
    return parameters, optimizer


def run(optimizer, warm, steps):
    for _ in range(warm):
        optimizer.step()
    marks = [time.perf_counter_ns()]
    for _ in range(steps):
        optimizer.step()
        marks.append(time.perf_counter_ns())
    return statistics.median(end - start for start, end in zip(marks, marks[1:]))


parameters, optimizer = [], None
for line in sys.stdin:
    command, *arguments = line.split()
    if command == "version":
        answer = torch.__version__
    elif command == "open":
        kind, lengths = arguments
        parameters, optimizer = open_tensors(kind, [int(n) for n in lengths.split(",")])
        answer = "ok"
    elif command == "run":
        answer = run(optimizer, *map(int, arguments))
    elif command == "read":
        first, count = map(int, arguments)
        answer = " ".join(map(repr, parameters[0].detach()[first : first + count].tolist()))
    else:
        sys.exit(f"unknown command: {line}")
    print(answer, flush=True)
