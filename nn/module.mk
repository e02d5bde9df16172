nn_SRC  := $(wildcard nn/*.c)
nn_DEPS := base
# Protobuf code for ONNX, generated from the packaged schema (foreign code: no warnings).
nn_GEN_OBJ := $B/gen/onnx.pb-c.o
$B/gen/onnx.pb-c.c $B/gen/onnx.pb-c.h &: /usr/include/onnx/onnx.proto
	@mkdir -p $B/gen
	protoc-c -I/usr/include/onnx --c_out=$B/gen onnx.proto
$B/gen/onnx.pb-c.o: $B/gen/onnx.pb-c.c
	$(CC) $(CFLAGS) -w -I$B/gen -c -o $@ $<
# Loops over tensors: vectorised; the two switches change no result.
$(foreach k,augment bn_kernel conv_kernel lsq_kernel sgd_kernel tensor_kernel,\
  $B/o/nn/$k.o $B/san/nn/$k.o): ALL_CFLAGS += -O3 -fno-math-errno -fno-trapping-math
