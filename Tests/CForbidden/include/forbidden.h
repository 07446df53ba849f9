/* SPDX-License-Identifier: Apache-2.0 */
/* Things that an agent must not be able to do, done. */
#ifndef FORBIDDEN_H
#define FORBIDDEN_H

/* The name of one; NULL behind the last. */
const char *forbidden_name(unsigned int number);

/* Does one: 0 when it worked, otherwise its error number; -1 for an unknown name. */
int forbidden_try(const char *name);

/* Starts a thread that waits for ever. */
int forbidden_start_thread(void);

#endif
