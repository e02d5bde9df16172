#!/usr/bin/python3
"""The same training step in PyTorch, for `bitwright bench step` to compare with.

ResNet-20 with 1x1 shortcuts on random 32x32 images.  Before every convolution the input
and the weights pass torch.fake_quantize_per_tensor_affine (one fused operator each,
fixed steps: cheaper than learned ones) at 4 bits, or at bits drawn anew for every layer
and step.  Memory format channels_last, the faster one.  SGD with momentum and decay.

Prints one line: images/s and images per second of processor time, both of the best
step, peak memory in MB, version.  Exit status 0 and the word `absent` without PyTorch.
"""
import argparse
import random
import resource
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    print("absent")
    sys.exit(0)

arguments = argparse.ArgumentParser()
arguments.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
arguments.add_argument("--search", action="store_true", help="draw bits for every step")
arguments.add_argument("--threads", type=int, default=1)
arguments.add_argument("--batch", type=int, default=128)
arguments.add_argument("--seconds", type=float, default=2.0)
options = arguments.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(0)
random.seed(0)


class QuantConv(nn.Conv2d):
    """A convolution of fake-quantised operands; the inputs are pixels or ReLU-ed."""

    first = False

    def forward(self, x):
        w_bits = a_bits = 8 if self.first else 4
        if options.search and not self.first:
            w_bits, a_bits = random.randint(2, 8), random.randint(2, 8)
        w_top, a_top = 2 ** (w_bits - 1) - 1, 2**a_bits - 1
        w_step = (self.weight.detach().abs().max() / w_top).item()
        w = torch.fake_quantize_per_tensor_affine(self.weight, w_step, 0, -w_top - 1, w_top)
        x = torch.fake_quantize_per_tensor_affine(x, 3.0 / a_top, 0, 0, a_top)
        return F.conv2d(x, w, None, self.stride, self.padding)


def layer(c_in, c_out, kernel, stride):
    return nn.Sequential(
        QuantConv(c_in, c_out, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(c_out),
    )


class Block(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.one = layer(c_in, c_out, 3, stride)
        self.two = layer(c_out, c_out, 3, 1)
        self.short = layer(c_in, c_out, 1, stride) if c_in != c_out else nn.Identity()

    def forward(self, x):
        return F.relu(self.two(F.relu(self.one(x))) + self.short(x))


class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = layer(3, 16, 3, 1)
        self.stem[0].first = True
        blocks, c_in = [], 16
        for c_out in (16, 32, 64):
            for _ in range(3):
                blocks.append(Block(c_in, c_out, 1 if c_in == c_out else 2))
                c_in = c_out
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(self.blocks(F.relu(self.stem(x))).mean((2, 3)))


def cpu_s():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


model = ResNet20().to(memory_format=torch.channels_last)
images = torch.rand(options.batch, 3, 32, 32).contiguous(memory_format=torch.channels_last)
labels = torch.randint(0, 10, (options.batch,))
sgd = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=5e-5)


def step():
    sgd.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=options.bf16):
        logits = model(images)
    F.cross_entropy(logits.float(), labels).backward()
    sgd.step()


for _ in range(2):
    step()
best_wall = best_cpu = float("inf")
end = time.perf_counter() + options.seconds
while time.perf_counter() < end or best_cpu == float("inf"):
    wall, cpu = time.perf_counter(), cpu_s()
    step()
    best_wall = min(best_wall, time.perf_counter() - wall)
    best_cpu = min(best_cpu, cpu_s() - cpu)
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(options.batch / best_wall, options.batch / best_cpu, peak_mb, torch.__version__)
