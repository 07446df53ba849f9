/* Connections, in exact numbers: what each does is in tcp_commands. */
#include "workload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int protocol;

static socklen_t parse(const char *text, int port, union address *to)
{
	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, text, &to->v4.sin_addr) == 1) {
		to->any.sa_family = AF_INET;
		to->v4.sin_port = htons(port);
		return sizeof(to->v4);
	}
	if (inet_pton(AF_INET6, text, &to->v6.sin6_addr) != 1)
		fail("'%s' is no address", text);
	to->any.sa_family = AF_INET6;
	to->v6.sin6_port = htons(port);
	return sizeof(to->v6);
}

static int port_of(int fd)
{
	union address own;
	socklen_t length = sizeof(own);

	if (getsockname(fd, &own.any, &length))
		die("getsockname");
	return ntohs(own.any.sa_family == AF_INET6 ? own.v6.sin6_port : own.v4.sin_port);
}

static int new_socket(int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol);

	if (fd < 0 && protocol && (errno == EPROTONOSUPPORT || errno == ENOPROTOOPT))
		skip("this kernel has no MPTCP");
	if (fd < 0)
		die("socket");
	return fd;
}

/* Bound to a port that the kernel chooses when port is 0. */
static int bound(const char *text, int port, int reuse)
{
	union address own;
	socklen_t length = parse(text, port, &own);
	int fd = new_socket(own.any.sa_family), yes = 1;

	if (reuse && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)))
		die("SO_REUSEPORT");
	if (bind(fd, &own.any, length))
		die("bind");
	return fd;
}

static int listener(const char *text)
{
	int fd = bound(text, 0, 0);

	if (listen(fd, 128))
		die("listen");
	return fd;
}

static int connected(const char *text, int port)
{
	union address to;
	socklen_t length = parse(text, port, &to);
	int fd = new_socket(to.any.sa_family);

	if (connect(fd, &to.any, length))
		die("connect");
	return fd;
}

static void put(int fd)
{
	if (write(fd, "x", 1) != 1)
		die("write");
}

static void get(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		die("read");
}

static void pipes(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		die("pipe");
}

static int accepted(int fd)
{
	int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (connection < 0)
		die("accept4");
	return connection;
}

/* Closes with a reset: neither end lingers in TIME_WAIT, so ports do not run out. */
static void reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)))
		die("SO_LINGER");
	close(fd);
}

/* One connection from listen to the last close; server and client are processes of their own. */
static int life(const char *server_text, const char *client_text)
{
	int ready[2], go[2], port = 0, fd, connection;
	pid_t server;

	pipes(ready);
	pipes(go);
	server = fork();
	if (server < 0)
		die("fork");
	if (!server) {
		fd = listener(server_text);
		port = port_of(fd);
		if (write(ready[1], &port, sizeof(port)) != sizeof(port))
			die("write");
		connection = accepted(fd);
		get(connection);
		put(ready[1]);
		get(go[0]);
		close(connection);
		put(ready[1]);
		get(go[0]);
		close(fd);
		_exit(0);
	}
	if (read(ready[0], &port, sizeof(port)) != sizeof(port))
		die("read");
	fd = connected(client_text, port);
	report("server=%d client=%d port=%d sport=%d", server, getpid(), port, port_of(fd));
	put(fd);
	get(ready[0]);
	close(fd);
	put(go[1]);
	get(ready[0]);
	put(go[1]);
	expect_exit(server, 0);
	return 0;
}

static int run_life(int argc, char **argv)
{
	return life(argv[0], argc > 1 ? argv[1] : argv[0]);
}

static int run_mptcp(int argc, char **argv)
{
	(void)argc;
	protocol = IPPROTO_MPTCP;
	/* asked here: a server that skips would leave its client waiting */
	close(new_socket(AF_INET));
	return life(argv[0], argv[0]);
}

static int run_storm(int argc, char **argv)
{
	uint64_t n = number(argv[0], 10000000);
	int fd = listener(argv[1]), port = port_of(fd), connection;
	pid_t server = fork();
	uint64_t start;

	(void)argc;
	if (server < 0)
		die("fork");
	if (!server) {
		for (uint64_t i = 0; i < n; i++) {
			char byte;

			connection = accepted(fd);
			put(connection);
			/* the reset */
			if (read(connection, &byte, 1) >= 0 || errno != ECONNRESET)
				fail("no reset came");
			close(connection);
		}
		_exit(0);
	}
	close(fd);
	report("server=%d client=%d port=%d", server, getpid(), port);
	start = now_ns();
	for (uint64_t i = 0; i < n; i++) {
		connection = connected(argv[1], port);
		get(connection);
		reset(connection);
	}
	report_loop("tcp-storm", n, now_ns() - start);
	expect_exit(server, 0);
	return 0;
}

/* Both ends in one thread: on loopback the connection is in the listener's queue when connect returns. */
static int run_connect(int argc, char **argv)
{
	uint64_t n = number(argv[0], 10000000);
	int fd = listener(argv[1]), port = port_of(fd);
	uint64_t start = now_ns();

	(void)argc;
	for (uint64_t i = 0; i < n; i++) {
		int client = connected(argv[1], port), server = accepted(fd);

		reset(client);
		close(server);
	}
	start = now_ns() - start;
	report("port=%d", port);
	report_loop("tcp-connect", n, start);
	return 0;
}

static int run_refused(int argc, char **argv)
{
	uint64_t n = number(argv[0], 10000000);
	int closed = bound(argv[1], 0, 0), port = port_of(closed);
	union address to;
	socklen_t length = parse(argv[1], port, &to);

	(void)argc;
	for (uint64_t i = 0; i < n; i++) {
		int fd = new_socket(to.any.sa_family);

		if (!connect(fd, &to.any, length) || errno != ECONNREFUSED)
			fail("it was not refused");
		close(fd);
	}
	report("port=%d", port);
	return 0;
}

static int run_refused_later(int argc, char **argv)
{
	int closed = bound(argv[0], 0, 0), port = port_of(closed), error = 0;
	socklen_t size = sizeof(error);
	union address to;
	socklen_t length = parse(argv[0], port, &to);
	int fd = new_socket(to.any.sa_family);
	struct pollfd waiting = { .fd = fd, .events = POLLOUT };

	(void)argc;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (!connect(fd, &to.any, length) || errno != EINPROGRESS)
		fail("it did not begin");
	if (poll(&waiting, 1, 10000) != 1)
		die("poll");
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) || error != ECONNREFUSED)
		fail("it was not refused");
	report("port=%d", port);
	return 0;
}

/* The listener's process forks one that accepts. */
static int run_prefork(int argc, char **argv)
{
	int fd = listener(argv[0]), port = port_of(fd), ready[2], connection;
	pid_t worker;

	(void)argc;
	pipes(ready);
	worker = fork();
	if (worker < 0)
		die("fork");
	if (!worker) {
		connection = accepted(fd);
		put(ready[1]);
		get(connection);
		close(connection);
		_exit(0);
	}
	connection = connected(argv[0], port);
	get(ready[0]);
	report("listener=%d worker=%d port=%d", getpid(), worker, port);
	put(connection);
	expect_exit(worker, 0);
	close(connection);
	close(fd);
	return 0;
}

/* Several processes listen on one port; the kernel chooses among them. */
static int run_reuseport(int argc, char **argv)
{
	uint64_t n = number(argv[1], 64);
	int first = bound(argv[0], 0, 1), port = port_of(first), ready[2], go[2];
	pid_t workers[64];

	(void)argc;
	pipes(ready);
	pipes(go);
	for (uint64_t i = 0; i < n; i++) {
		workers[i] = fork();
		if (workers[i] < 0)
			die("fork");
		if (!workers[i]) {
			int fd = bound(argv[0], port, 1);

			if (listen(fd, 128))
				die("listen");
			put(ready[1]);
			/* until the connections are there: nobody accepts them */
			get(go[0]);
			_exit(0);
		}
	}
	for (uint64_t i = 0; i < n; i++)
		get(ready[0]);
	for (int i = 0; i < 97; i++)
		close(connected(argv[0], port));
	report("port=%d", port);
	for (uint64_t i = 0; i < n; i++)
		put(go[1]);
	for (uint64_t i = 0; i < n; i++)
		expect_exit(workers[i], 0);
	return 0;
}

static void *accept_one(void *fd)
{
	close(accepted(*(int *)fd));
	return NULL;
}

static int run_threads(int argc, char **argv)
{
	uint64_t n = number(argv[0], 256);
	int fd = listener(argv[1]), port = port_of(fd);
	pthread_t threads[256];

	(void)argc;
	for (uint64_t i = 0; i < n; i++) {
		if (pthread_create(&threads[i], NULL, accept_one, &fd))
			fail("pthread_create");
	}
	for (uint64_t i = 0; i < n; i++)
		close(connected(argv[1], port));
	for (uint64_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	report("port=%d", port);
	return 0;
}

/* A listener, a connection to it, and one that nobody accepts; then it waits for a signal. */
static int run_hold(int argc, char **argv)
{
	int fd = listener(argv[0]), port = port_of(fd);
	int client = connected(argv[0], port), server = accepted(fd), other = connected(argv[0], port);

	(void)argc;
	(void)server;
	report("port=%d sport=%d waiting=%d", port, port_of(client), port_of(other));
	pause();
	return 0;
}

/* The Internet checksum of words in network order, added to what there is. */
static uint32_t sum(uint32_t begin, const void *bytes, size_t length)
{
	const uint16_t *words = bytes;

	for (size_t i = 0; i < length / 2; i++)
		begin += words[i];
	return begin;
}

struct segment4 {
	struct iphdr ip;
	struct tcphdr tcp;
};

struct segment6 {
	struct ip6_hdr ip;
	struct tcphdr tcp;
};

static void send_all(int raw, const void *bytes, size_t size, const union address *to, socklen_t length)
{
	if (sendto(raw, bytes, size, 0, &to->any, length) != (ssize_t)size)
		die("sendto");
}

/* A bare segment, from and to the loopback's own address. */
static void send_segment(int raw, const char *text, int sport, int dport, uint32_t seq, int flags, int is_good)
{
	union address ends;
	socklen_t length = parse(text, 0, &ends);
	int is_v6 = ends.any.sa_family == AF_INET6, size = is_v6 ? 16 : 4;
	const void *bytes = is_v6 ? (void *)&ends.v6.sin6_addr : (void *)&ends.v4.sin_addr;
	struct segment4 v4 = { .ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP } };
	struct segment6 v6 = { 0 };
	struct tcphdr header = {
		.th_sport = htons(sport), .th_dport = htons(dport), .th_seq = htonl(seq), .th_off = 5,
		.th_flags = flags, .th_win = htons(1024),
	};
	uint32_t check = htons(IPPROTO_TCP) + htons(sizeof(header));

	check = sum(sum(sum(check, bytes, size), bytes, size), &header, sizeof(header));
	while (check >> 16)
		check = (check & 0xffff) + (check >> 16);
	header.th_sum = is_good ? ~check : ~check ^ 1;
	if (is_v6) {
		v6.ip.ip6_flow = htonl(6u << 28);
		v6.ip.ip6_plen = htons(sizeof(header));
		v6.ip.ip6_nxt = IPPROTO_TCP;
		v6.ip.ip6_hlim = 64;
		v6.ip.ip6_src = v6.ip.ip6_dst = ends.v6.sin6_addr;
		v6.tcp = header;
		send_all(raw, &v6, sizeof(v6), &ends, length);
	} else {
		v4.ip.saddr = v4.ip.daddr = ends.v4.sin_addr.s_addr;
		v4.tcp = header;
		send_all(raw, &v4, sizeof(v4), &ends, length);
	}
}

/* With headers of our own: one of IPPROTO_TCP would get copies of all segments, which are dropped when it is closed. */
static int raw_socket(const char *text)
{
	union address own;
	int fd;

	parse(text, 0, &own);
	fd = socket(own.any.sa_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		die("raw socket");
	return fd;
}

/* Segments to a listener with a checksum that is wrong by one. */
static int run_bad_checksum(int argc, char **argv)
{
	uint64_t n = number(argv[0], 60000);
	int fd = listener(argv[1]), other = bound(argv[1], 0, 0), raw = raw_socket(argv[1]);

	(void)argc;
	for (uint64_t i = 0; i < n; i++)
		send_segment(raw, argv[1], port_of(other), port_of(fd), 1000 + i, TH_SYN | TH_PUSH | TH_URG, 0);
	report("port=%d sport=%d", port_of(fd), port_of(other));
	return 0;
}

/* Resets to an established connection, far outside what it expects. */
static int run_stray(int argc, char **argv)
{
	uint64_t n = number(argv[0], 60000);
	int fd = listener(argv[1]), port = port_of(fd);
	int client = connected(argv[1], port), server = accepted(fd), raw = raw_socket(argv[1]);

	(void)argc;
	/* what comes in must have been taken, or the window is not known */
	put(client);
	get(server);
	for (uint64_t i = 0; i < n; i++)
		send_segment(raw, argv[1], port_of(client), port, 0, TH_RST, 1);
	report("port=%d sport=%d", port, port_of(client));
	reset(client);
	reset(server);
	return 0;
}

const struct command tcp_commands[] = {
	{ "tcp-life", "ADDRESS [CLIENTS-ADDRESS]", 1, 2, run_life,
	  "listens, connects, sends one byte, closes the client, the server, the listener: 12 transitions of 3 sockets" },
	{ "tcp-mptcp", "ADDRESS", 1, 1, run_mptcp, "the same by MPTCP sockets" },
	{ "tcp-storm", "N ADDRESS", 2, 2, run_storm,
	  "N connections, each accepted and reset by the client: 6 transitions each" },
	{ "tcp-connect", "N ADDRESS", 2, 2, run_connect,
	  "the same by one thread, without a byte: connect, accept, reset, close" },
	{ "tcp-refused", "N ADDRESS", 2, 2, run_refused, "N connects that are refused: 2 transitions each" },
	{ "tcp-refused-later", "ADDRESS", 1, 1, run_refused_later, "a non-blocking connect that is refused" },
	{ "tcp-bad-checksum", "N ADDRESS", 2, 2, run_bad_checksum, "N segments with a wrong checksum, to a listener" },
	{ "tcp-stray", "N ADDRESS", 2, 2, run_stray, "N resets outside the window of a connection" },
	{ "tcp-prefork", "ADDRESS", 1, 1, run_prefork, "one process listens, its child accepts" },
	{ "tcp-reuseport", "ADDRESS N", 2, 2, run_reuseport, "N processes listen on one port; 97 connections come in" },
	{ "tcp-threads", "N ADDRESS", 2, 2, run_threads, "N threads wait in accept, N connections come" },
	{ "tcp-hold", "ADDRESS", 1, 1, run_hold,
	  "keeps a listener, a connection and one that nobody accepts; waits for a signal" },
	{ 0 },
};
