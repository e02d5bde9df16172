/* qnet_export.h -- integer networks as QONNX files, for other tools. */
#ifndef NN_QNET_EXPORT_H
#define NN_QNET_EXPORT_H

#include "nn/qnet.h"

/* Writes q as fp32 operators (opset 13) between Quant nodes of scale 1: values are the
 * integers themselves.  Reading it back gives the same layers.  ST_UNSUPPORTED names
 * the layer that Quant cannot express. */
status qnet_export_qonnx(const struct qnet *q, const char *path, struct err *err);

#endif
