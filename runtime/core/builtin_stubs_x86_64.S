# Through these, compiled code calls the builtins (abi/builtins.def). Each reads a byte kHostStackReserve below the stack pointer and
# jumps to the builtin: with less stack left than that, the read faults here, where a fault is a StackExhausted trap, and not in the builtin.
#define WASMC_STUB(id)              \
    .p2align 4                     ;\
wasmc_stub_##id:                   ;\
    .cfi_startproc                 ;\
    endbr64                        ;\
    testb $0, -0x20000(%rsp)       ;\
    jmp wasmc_builtin_##id         ;\
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
    .section .data.rel.ro,"aw",@progbits
    .p2align 3
    .hidden wasmc_builtin_table
    .globl wasmc_builtin_table
wasmc_builtin_table:
#include "abi/builtins.def"
    .section .note.GNU-stack,"",@progbits
