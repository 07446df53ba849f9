/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include "martlet_wire.h"

/* A hole would carry whatever lay in memory before, and the two sides could disagree about it. */
_Static_assert(sizeof(struct mt_header) == 56, "mt_header");
_Static_assert(sizeof(struct mt_fork) == 96, "mt_fork");
_Static_assert(sizeof(struct mt_exit) == 80, "mt_exit");
_Static_assert(sizeof(struct mt_path) == 32, "mt_path");
_Static_assert(sizeof(struct mt_open) == 128, "mt_open");
_Static_assert(sizeof(struct mt_process) == 344, "mt_process");
_Static_assert(sizeof(struct mt_exec_failed) == 96, "mt_exec_failed");
_Static_assert(sizeof(struct mt_loss) == 72, "mt_loss");
