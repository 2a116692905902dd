// Entering and leaving compiled code, AArch64 (AAPCS64). See enter_x86_64.S for what the two functions do; FPCR is what MXCSR is there, without flags.
    .text
    .globl wasmc_enter
    .hidden wasmc_enter
    .type wasmc_enter, %function
    .p2align 4
wasmc_enter:
    .cfi_startproc
    stp x29, x30, [sp, #-176]!
    .cfi_def_cfa_offset 176
    .cfi_offset x29, -176
    .cfi_offset x30, -168
    mov x29, sp
    .cfi_def_cfa_register x29
    stp x19, x20, [sp, #16]
    stp x21, x22, [sp, #32]
    stp x23, x24, [sp, #48]
    stp x25, x26, [sp, #64]
    stp x27, x28, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mrs x9, fpcr
    str x9, [sp, #160]
    mov x10, sp
    str x10, [x3]
    cbz x4, 1f
    mov sp, x4
1:  cbnz x9, .Lunusual
    blr x5
.Lreturn:
    mov sp, x29
    mov w0, #0
    ldp x29, x30, [sp], #176
    .cfi_remember_state
    .cfi_def_cfa sp, 0
    ret
    .cfi_restore_state
.Lunusual:
    msr fpcr, xzr
    blr x5
    ldr x9, [x29, #160]
    msr fpcr, x9
    b .Lreturn
    .cfi_endproc
    .size wasmc_enter, . - wasmc_enter
    .globl wasmc_enter_end
    .hidden wasmc_enter_end
wasmc_enter_end:

    .globl wasmc_leave
    .hidden wasmc_leave
    .type wasmc_leave, %function
    .p2align 4
wasmc_leave:
    .cfi_startproc
    .cfi_undefined x30
    ldr x9, [x0]
    mov sp, x9
    mov w0, w1
    ldr x9, [sp, #160]
    msr fpcr, x9
    ldp d14, d15, [sp, #144]
    ldp d12, d13, [sp, #128]
    ldp d10, d11, [sp, #112]
    ldp d8, d9, [sp, #96]
    ldp x27, x28, [sp, #80]
    ldp x25, x26, [sp, #64]
    ldp x23, x24, [sp, #48]
    ldp x21, x22, [sp, #32]
    ldp x19, x20, [sp, #16]
    ldp x29, x30, [sp], #176
    ret
    .cfi_endproc
    .size wasmc_leave, . - wasmc_leave
    .section .note.GNU-stack,"",%progbits
