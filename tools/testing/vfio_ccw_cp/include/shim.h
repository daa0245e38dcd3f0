/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the kernel's headers that drivers/s390/cio/vfio_ccw_cp.c uses, for user space
 *
 * The headers of this folder with the kernel's names include this one.
 */
#ifndef _VFIO_CCW_CP_SHIM_H_
#define _VFIO_CCW_CP_SHIM_H_

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
/* big endian; sparse checks the difference when the kernel's headers are used */
typedef uint16_t __be16;
typedef uint32_t __be32;
typedef uint64_t __be64;

#define BIT(n)		(1UL << (n))
#define __aligned(n)	__attribute__((aligned(n)))

#define min(a, b)	({ __auto_type _a = (a); __auto_type _b = (b); _a < _b ? _a : _b; })
#define max(a, b)	({ __auto_type _a = (a); __auto_type _b = (b); _a > _b ? _a : _b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define cpu_to_be16(x)	__builtin_bswap16(x)
#define cpu_to_be32(x)	__builtin_bswap32(x)
#define cpu_to_be64(x)	__builtin_bswap64(x)
#else
#define cpu_to_be16(x)	((u16)(x))
#define cpu_to_be32(x)	((u32)(x))
#define cpu_to_be64(x)	((u64)(x))
#endif
#define be16_to_cpu(x)	cpu_to_be16(x)
#define be32_to_cpu(x)	cpu_to_be32(x)
#define be64_to_cpu(x)	cpu_to_be64(x)

#define GFP_KERNEL_ACCOUNT	0

/* A test counts allocations, and lets one fail: the nth from now, counted from 1. */
extern int shim_allocations;
extern int shim_fail;

static inline bool shim_fails(void)
{
	shim_allocations++;
	return shim_fail && !--shim_fail;
}

static inline void *kvmalloc_array(size_t n, size_t size, int gfp)
{
	(void)gfp;
	return shim_fails() ? NULL : malloc(n * size);
}

static inline void kvfree(const void *memory)
{
	free((void *)memory);
}

/* Channel-command word: flags and commands (Principles of Operation, "Basic I/O Functions"). */
#define CCW_FLAG_DC	0x80
#define CCW_FLAG_CC	0x40
#define CCW_FLAG_SLI	0x20
#define CCW_FLAG_SKIP	0x10
#define CCW_FLAG_PCI	0x08
#define CCW_FLAG_IDA	0x04
#define CCW_FLAG_SUSPEND	0x02
#define CCW_CMD_NOOP	0x03
#define CCW_CMD_TIC	0x08

#endif
