// See builtin_stubs_x86_64.S.
#define WASMC_STUB(id)              \
    .p2align 4                     ;\
wasmc_stub_##id:                   ;\
    .cfi_startproc                 ;\
    sub x16, sp, #0x20, lsl #12    ;\
    ldrb wzr, [x16]                ;\
    b wasmc_builtin_##id           ;\
    .cfi_endproc
#define WASMC_BUILTIN(id, signature) WASMC_STUB(id)

    .text
    .hidden wasmc_stubs_begin
    .globl wasmc_stubs_begin
wasmc_stubs_begin:
#include "abi/builtins.def"
    .hidden wasmc_stubs_end
    .globl wasmc_stubs_end
wasmc_stubs_end:

#define WASMC_BUILTIN(id, signature) .quad wasmc_stub_##id
    .section .data.rel.ro,"aw",%progbits
    .p2align 3
    .hidden wasmc_builtin_table
    .globl wasmc_builtin_table
wasmc_builtin_table:
#include "abi/builtins.def"
    .section .note.GNU-stack,"",%progbits
