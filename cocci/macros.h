/* SPDX-License-Identifier: GPL-2.0-only */
/* Macros that Coccinelle can't parse as they are, for its option --macro-file. */
#define scoped_guard(x...) YACFE_ITERATOR
#define scoped_cond_guard(x...) YACFE_ITERATOR
#define __free(x) __maybe_unused
#define __cleanup(x) __maybe_unused
