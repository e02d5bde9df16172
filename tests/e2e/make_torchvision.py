#!/usr/bin/python3
"""Networks of torchvision as PyTorch's TorchScript exporter writes them, with random
weights, and what PyTorch makes of one random image.

    make_torchvision.py FOLDER NAME:OPSET[:bn] ...

writes FOLDER/NAME-OPSET.onnx, FOLDER/NAME-OPSET.logits (text), and the image as
FOLDER/t10k-*-ubyte (IDX, one image of 224x224x3).  ":bn" keeps batch norms as nodes; by
default the exporter folds them into the convolutions.  Batch norms get random statistics
first: fresh ones are nearly the identity and would hide mistakes.
"""
import struct
import sys
import warnings

import torch
import torchvision

warnings.filterwarnings("ignore")
torch.manual_seed(1)
SIZE = 224


def random_norms(model):
    for m in model.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 2)
            m.weight.data.uniform_(0.5, 1.5)
            m.bias.data.normal_(0, 0.1)


def write_image(folder, pixels):
    with open(folder + "/t10k-images-idx3-ubyte", "wb") as f:
        f.write(struct.pack(">IIIII", 0x804, 1, SIZE, SIZE, 3))
        f.write(pixels.permute(1, 2, 0).contiguous().numpy().tobytes())
    with open(folder + "/t10k-labels-idx1-ubyte", "wb") as f:
        f.write(struct.pack(">IIB", 0x801, 1, 0))


def export(model, image, opset, keeps_norms, path):
    mode = torch.onnx.TrainingMode
    torch.onnx.export(
        model, image, path, opset_version=opset,
        training=mode.PRESERVE if keeps_norms else mode.EVAL,
        do_constant_folding=not keeps_norms,
        input_names=["image"], output_names=["logits"],
        dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}})


def main():
    folder = sys.argv[1]
    pixels = torch.randint(0, 256, (3, SIZE, SIZE), dtype=torch.uint8)
    write_image(folder, pixels)
    image = (pixels.float() / 255).unsqueeze(0)
    for item in sys.argv[2:]:
        name, opset, *rest = item.split(":")
        model = getattr(torchvision.models, name)(weights=None).eval()
        random_norms(model)
        stem = "%s/%s-%s" % (folder, name, opset)
        export(model, image, int(opset), bool(rest), stem + ".onnx")
        with torch.no_grad(), open(stem + ".logits", "w") as f:
            f.write("\n".join("%.9g" % v for v in model(image)[0].tolist()) + "\n")


main()
