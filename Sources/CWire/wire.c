/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include "martlet_call.h"
#include "martlet_hook.h"
#include "martlet_wire.h"

/* A hole would carry whatever lay in memory before, and the two sides could disagree about it. */
_Static_assert(sizeof(struct mt_header) == 56, "mt_header");
_Static_assert(sizeof(struct mt_fork) == 96, "mt_fork");
_Static_assert(sizeof(struct mt_exit) == 80, "mt_exit");
_Static_assert(sizeof(struct mt_path) == 32, "mt_path");
_Static_assert(sizeof(struct mt_open) == 128, "mt_open");
_Static_assert(sizeof(struct mt_breakout) == 136, "mt_breakout");
_Static_assert(sizeof(struct mt_process) == 344, "mt_process");
_Static_assert(sizeof(struct mt_exec_failed) == 96, "mt_exec_failed");
_Static_assert(sizeof(struct mt_tcp) == 216, "mt_tcp");
_Static_assert(sizeof(struct mt_tcp_drop) == 192, "mt_tcp_drop");
_Static_assert(sizeof(struct mt_loss) == 72, "mt_loss");
_Static_assert(sizeof(struct mt_call) == 96, "mt_call");
_Static_assert(sizeof(struct mt_item) == 16, "mt_item");
_Static_assert(sizeof(struct mt_file) == 24, "mt_file");
_Static_assert(sizeof(struct mt_endpoints) == 80, "mt_endpoints");
_Static_assert(sizeof(struct mt_credentials_value) == 96, "mt_credentials_value");
_Static_assert(sizeof(struct mt_bpf_object) == 40, "mt_bpf_object");
_Static_assert(sizeof(struct mt_perf_event) == 88, "mt_perf_event");
_Static_assert(sizeof(struct mt_module) == 80, "mt_module");
_Static_assert(sizeof(struct mt_reading) == 160, "mt_reading");
_Static_assert(sizeof(struct mt_plane) == 8, "mt_plane");
_Static_assert(sizeof(struct mt_row) == 48, "mt_row");
_Static_assert(sizeof(struct mt_gate) == 24, "mt_gate");
_Static_assert(sizeof(struct mt_gate_name) == 256, "mt_gate_name");
_Static_assert(sizeof(struct mt_gate_path) == 256, "mt_gate_path");
_Static_assert(sizeof(struct mt_gate_network) == 24, "mt_gate_network");
