/* SPDX-License-Identifier: Apache-2.0 */
/* Messages between the agent and its helpers: bytes of a fixed length, and a descriptor beside them. */
#define _GNU_SOURCE
#include "cprivileges.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int cprivileges_send(int socket, const void *bytes, size_t length, int descriptor)
{
	struct iovec part = { (void *)bytes, length };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (descriptor >= 0) {
		struct cmsghdr *head;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
	}
	for (;;) {
		ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);

		if (sent == (ssize_t)length)
			return 0;
		if (sent >= 0)
			return -EMSGSIZE;
		if (errno != EINTR)
			return -errno;
	}
}

int cprivileges_receive(int socket, void *bytes, size_t length, int *descriptor)
{
	struct iovec part = { bytes, length };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head;
	ssize_t received;

	*descriptor = -1;
	do
		received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (received < 0 && errno == EINTR);
	if (received < 0)
		return -errno;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(descriptor, CMSG_DATA(head), sizeof(int));
	if (received == 0)
		return -EPIPE;
	return received == (ssize_t)length ? 0 : -EMSGSIZE;
}

