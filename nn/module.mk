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
$(foreach k,augment bn_kernel conv_group conv_kernel lsq_kernel qconv_loops qnet_fast sgd_kernel tensor_kernel,\
  $B/o/nn/$k.o $B/san/nn/$k.o): ALL_CFLAGS += -O3 -fno-math-errno -fno-trapping-math
# Kernels of one instruction set, entered only where nn/isa.h finds it.
ifeq ($(shell uname -m),x86_64)
FAST   := -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math
AVX512 := -march=x86-64-v4 -mavx512vnni -mavx512bf16 -mprefer-vector-width=512
AVX2   := -march=x86-64-v3
$(foreach k,qconv_vnni qconv_bf16 qconv_f32_avx512 qconv_depth_avx512 act_avx512,\
  $B/o/nn/$k.o $B/san/nn/$k.o): ALL_CFLAGS += $(FAST) $(AVX512)
$(foreach k,qconv_madd qconv_f32_avx2 qconv_depth_avx2 act_avx2,\
  $B/o/nn/$k.o $B/san/nn/$k.o): ALL_CFLAGS += $(FAST) $(AVX2)
endif
