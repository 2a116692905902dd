# Entering and leaving compiled code, x86-64 System V.
#
# int wasmc_enter(Activation *activation, void *stack_top, EntryThunk *thunk, void *context, const void *code, Value *values)
#   Saves what the caller expects to find again, sets the floating-point environment that Wasm has (round to nearest, nothing flushed to
#   zero, no exceptions), remembers the stack pointer in the activation, switches to stack_top unless it is null, and calls the thunk. Returns 0.
# void wasmc_leave(Activation *activation, int status)
#   Throws away every frame above the activation and returns `status` from its wasmc_enter.
    .text
    .globl wasmc_enter
    .hidden wasmc_enter
    .type wasmc_enter, @function
    .p2align 4
wasmc_enter:
    .cfi_startproc
    endbr64
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    ldmxcsr .Ldefault_mxcsr(%rip)
    movq %rsp, (%rdi)
    testq %rsi, %rsi
    cmovneq %rsi, %rsp
    movq %rdx, %rax
    movq %rcx, %rdi
    movq %r8, %rsi
    movq %r9, %rdx
    callq *%rax
    leaq -48(%rbp), %rsp
    xorl %eax, %eax
.Lrestore:
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    .cfi_def_cfa %rsp, 8
    retq
    .cfi_endproc
    .size wasmc_enter, . - wasmc_enter

    .globl wasmc_leave
    .hidden wasmc_leave
    .type wasmc_leave, @function
    .p2align 4
wasmc_leave:
    .cfi_startproc
    .cfi_undefined %rip
    endbr64
    movq (%rdi), %rsp
    movl %esi, %eax
    cld
    jmp .Lrestore
    .cfi_endproc
    .size wasmc_leave, . - wasmc_leave
    .section .rodata
    .p2align 2
.Ldefault_mxcsr:
    .long 0x1f80

    .section .note.GNU-stack,"",@progbits
