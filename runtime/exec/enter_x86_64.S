# Entering and leaving compiled code, x86-64 System V.
#
# int wasmc_enter(void *context, const void *code, Value *values, Activation *activation, void *stack_top, EntryThunk *thunk)
#   Saves what the caller expects to find again, sets the floating-point environment that Wasm has (round to nearest, nothing flushed to
#   zero, no exceptions), remembers the stack pointer in the activation, switches to stack_top unless it is null, and calls
#   thunk(context, code, values). Returns 0.
# void wasmc_leave(Activation *activation, int status)
#   Throws away every frame above the activation and returns `status` from its wasmc_enter.
#
# A thunk that returns has kept the registers, as any C function: only wasmc_leave restores them. MXCSR is loaded only for hosts that have set it
# differently, because that costs as much as the rest. The flags that it collects do not count: any call may set them. wasmc_leave always loads it, as a
# host function may trap in the middle of anything. Nothing here uses the x87 unit, whose control word is left alone.
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
    movq %rsp, (%rcx)
    movl (%rsp), %eax
    testq %r8, %r8
    cmovneq %r8, %rsp
    andl $~0x3f, %eax
    cmpl $0x1f80, %eax
    jne .Lunusual
    callq *%r9
.Lreturn:
    movq %rbp, %rsp
    xorl %eax, %eax
    popq %rbp
    .cfi_remember_state
    .cfi_def_cfa %rsp, 8
    retq
    .cfi_restore_state
.Lunusual:
    ldmxcsr .Lwasm_mxcsr(%rip)
    callq *%r9
    ldmxcsr -48(%rbp)
    jmp .Lreturn
    .cfi_endproc
    .size wasmc_enter, . - wasmc_enter
    .globl wasmc_enter_end
    .hidden wasmc_enter_end
wasmc_enter_end:

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
    ldmxcsr (%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    retq
    .cfi_endproc
    .size wasmc_leave, . - wasmc_leave
    .section .rodata
    .p2align 2
.Lwasm_mxcsr:
    .long 0x1f80

    .section .note.GNU-stack,"",@progbits
