/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a tree whose subchannel.lock is a pointer to the lock
 *
 * There, the address of the member is a pointer to a pointer. The lock functions that vfio-ccw uses
 * are redefined to accept both types; the compiler selects by type, without a cast.
 */
#ifndef COMPAT_SCH_LOCK_H
#define COMPAT_SCH_LOCK_H

#include <linux/lockdep.h>
#include <linux/spinlock.h>

#define compat_lock(_lock)							\
({										\
	typeof(_lock) __given = (_lock);					\
										\
	__builtin_choose_expr(__same_type(__given, spinlock_t **), *__given, __given); \
})

#define spin_lock_irq(_lock) spin_lock_irq(compat_lock(_lock))
#define spin_unlock_irq(_lock) spin_unlock_irq(compat_lock(_lock))
#undef spin_lock_irqsave
#define spin_lock_irqsave(_lock, _flags) \
	raw_spin_lock_irqsave(spinlock_check(compat_lock(_lock)), _flags)
#define spin_unlock_irqrestore(_lock, _flags) spin_unlock_irqrestore(compat_lock(_lock), _flags)

#ifdef CONFIG_LOCKDEP
#undef lockdep_assert_held
#define lockdep_assert_held(_lock) \
	WARN_ON(debug_locks && !lockdep_is_held(compat_lock(_lock)))
#endif

#endif /* COMPAT_SCH_LOCK_H */
