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

// The tail call stub, see abi::TailCall. x15 is the TailCall; x0-x7 and the vector registers are parameters.
// The frame: x29, which x29 points to | x30 | x20 | 8 bytes unused, and below them parameters. It faults only in the guard below the stack.
    .p2align 4
wasmc_tail_call:
    .cfi_startproc
    adr x9, .Ltail_return
    cmp x30, x9
    b.eq 1f
    stp x29, x30, [sp, #-32]!
    .cfi_def_cfa_offset 32
    .cfi_offset x29, -32
    .cfi_offset x30, -24
    str x20, [sp, #16]
    .cfi_offset x20, -16
    mov x29, sp
    .cfi_def_cfa x29, 32
1:  mov sp, x29
    ldr x9, [x15, #16]
    cbz x9, 3f
    add x10, x15, #32
    add x10, x10, x9
2:  ldp x11, x12, [x10, #-16]!
    stp x11, x12, [sp, #-16]!
    subs x9, x9, #16
    b.ne 2b
3:  ldp x9, x20, [x15]
    blr x9
.Ltail_return:
    ldr x20, [x29, #16]
    mov sp, x29
    ldp x29, x30, [sp], #32
    .cfi_def_cfa sp, 0
    .cfi_restore x29
    .cfi_restore x30
    ret
    .cfi_endproc
// Where continue_loop goes on if there is no room for it, as at its first instruction: there is no continuation then.
    .p2align 4
    .hidden wasmc_no_continuation
    .globl wasmc_no_continuation
wasmc_no_continuation:
    mov x0, #0
    ret

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
    .quad wasmc_tail_call
    .section .note.GNU-stack,"",%progbits
