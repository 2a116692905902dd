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

# The tail call stub, see abi::TailCall. %r10 is the TailCall; %rdi, %rsi, %rdx, %rcx, %r8, %r9 and the vector registers are parameters.
# The frame: return address | %rbp, which %rbp points to | %r13 | 8 bytes unused | parameters. It faults only in the guard below the stack.
    .p2align 4
wasmc_tail_call:
    .cfi_startproc
    endbr64
    leaq .Ltail_return(%rip), %rax
    cmpq %rax, (%rsp)
    je 1f
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %r13
    .cfi_offset %r13, -24
1:  leaq -16(%rbp), %rsp
    movq 16(%r10), %rax
    testq %rax, %rax
    je 3f
2:  pushq 24(%r10,%rax)
    subq $8, %rax
    jne 2b
3:  movq 8(%r10), %r13
    callq *(%r10)
.Ltail_return:
    movq -8(%rbp), %r13
    movq %rbp, %rsp
    popq %rbp
    .cfi_def_cfa %rsp, 8
    retq
    .cfi_endproc
# Where continue_loop goes on if there is no room for it, as at its first instruction: there is no continuation then.
    .p2align 4
    .hidden wasmc_no_continuation
    .globl wasmc_no_continuation
wasmc_no_continuation:
    xorl %eax, %eax
    retq

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
    .quad wasmc_tail_call
    .section .note.GNU-stack,"",@progbits
