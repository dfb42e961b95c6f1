/*
 * Loaded into a process before everything else (LD_PRELOAD): counts the changes it makes below one folder, writes each
 * into a log, and at one of them lets the disk fail or ends the process (SIGKILL). Told by the environment:
 *
 *   FAULT_UNDER  the folder (an absolute path)       FAULT_LOG   the log to append to
 *   FAULT_PORT   count from the first connection to this port of IPv4, and what is sent there as well; 0: from the start
 *   FAULT_AT     which one is met, from 1; 0: none
 *   FAULT_KIND   kill-before | kill-after | kill-within (half of it is written) | ENOSPC | EIO
 *   FAULT_ONLY   counted is only this operation                FAULT_END    and only on paths with this end
 *   FAULT_LASTS  1: everything of its kind after it as well, as on a disk that stays full
 *
 * A line of the log: the count, the operation, how it ended, the path, and for a rename the new path, for what is sent to
 * the server the words; parted by tabs.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { most_files = 8192, most_said = 4000 };

static char under[4096];
static size_t under_length;
static int port;
static long fault_at;
static char kind[32];
static int fault_errno;
static char only[32];
static char path_end[256];
static int lasts;
static int log_fd = -1;
static atomic_int armed;
static atomic_long counted;
static struct file { char *path; dev_t device; ino_t inode; } files[most_files];
static pthread_mutex_t logging = PTHREAD_MUTEX_INITIALIZER;

static const char server[] = "(server)";

static void note(const char *operation, const char *how, const char *path, const char *more) {
  char line[10000];
  int length = snprintf(line, sizeof line, "%ld\t%s\t%s\t%s\t%s\n", (long)counted, operation, how, path,
                        more == NULL ? "" : more);
  if (log_fd < 0 || length <= 0) return;
  if ((size_t)length >= sizeof line) length = sizeof line - 1;
  pthread_mutex_lock(&logging);
  syscall(SYS_write, log_fd, line, (size_t)length);
  pthread_mutex_unlock(&logging);
}

static void note_result(const char *operation, long result, const char *path, const char *more) {
  int kept = errno;
  char how[32];
  if (result >= 0) strcpy(how, "ok");
  else snprintf(how, sizeof how, "%s", strerrorname_np(kept) == NULL ? "?" : strerrorname_np(kept));
  note(operation, how, path, more);
  errno = kept;
}

__attribute__((constructor)) static void begin(void) {
  const char *given = getenv("FAULT_UNDER");
  const char *log = getenv("FAULT_LOG");
  if (given == NULL || log == NULL) return;
  under_length = (size_t)snprintf(under, sizeof under, "%s", given);
  port = atoi(getenv("FAULT_PORT") ?: "0");
  fault_at = atol(getenv("FAULT_AT") ?: "0");
  snprintf(kind, sizeof kind, "%s", getenv("FAULT_KIND") ?: "");
  snprintf(only, sizeof only, "%s", getenv("FAULT_ONLY") ?: "");
  snprintf(path_end, sizeof path_end, "%s", getenv("FAULT_END") ?: "");
  lasts = atoi(getenv("FAULT_LASTS") ?: "0");
  fault_errno = strcmp(kind, "ENOSPC") == 0 ? ENOSPC : strcmp(kind, "EIO") == 0 ? EIO : 0;
  armed = port == 0;
  int opened = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  log_fd = fcntl(opened, F_DUPFD_CLOEXEC, 1000);
  if (log_fd >= 0) syscall(SYS_close, opened);
  else log_fd = opened;
  /* Children are processes of their own and are let be. */
  unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void) {
  note("end", "ok", under, NULL);
}

static int is_under(const char *path) {
  return under_length > 0 && path != NULL && strncmp(path, under, under_length) == 0 &&
         (path[under_length] == '/' || path[under_length] == 0);
}

/* A descriptor may be closed by a bare system call and stand for something else since: its inode tells. */
static const char *path_of(int fd) {
  struct stat now;
  if (fd < 0 || fd >= most_files || files[fd].path == NULL) return NULL;
  if (fstat(fd, &now) != 0 || now.st_ino != files[fd].inode || now.st_dev != files[fd].device) return NULL;
  return files[fd].path;
}

static void remember(int fd, const char *path) {
  struct stat now;
  if (fd < 0 || fd >= most_files) return;
  char *before = files[fd].path;
  files[fd].path = NULL;
  if (path != NULL && fstat(fd, &now) == 0) {
    files[fd].inode = now.st_ino;
    files[fd].device = now.st_dev;
    files[fd].path = strdup(path);
  }
  free(before);
}

static void die(const char *when, const char *operation, const char *path) {
  char how[64];
  snprintf(how, sizeof how, "%s %s", when, operation);
  note("killed", how, path, NULL);
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

enum { go_on = 0, fail = 1, die_after = 2, die_within = 3 };

static int is_counted(const char *operation, const char *path) {
  size_t length = strlen(path);
  size_t wanted = strlen(path_end);
  if (only[0] != 0 && strcmp(only, operation) != 0) return 0;
  return length >= wanted && strcmp(path + length - wanted, path_end) == 0;
}

/* What the next change meets. `can_fill`: it may need room on the disk. */
static int meet(const char *operation, const char *path, int can_fill) {
  if (!armed || !is_counted(operation, path)) return go_on;
  if (fault_errno != 0 && (path == server || (fault_errno == ENOSPC && !can_fill))) return go_on;
  long number = ++counted;
  if (fault_at == 0 || (lasts && fault_errno != 0 ? number < fault_at : number != fault_at)) return go_on;
  if (fault_errno != 0) return fail;
  if (strcmp(kind, "kill-after") == 0) return die_after;
  if (strcmp(kind, "kill-within") == 0) return die_within;
  die("before", operation, path);
  return go_on;
}

static int refuse(const char *operation, const char *path, const char *more) {
  errno = fault_errno;
  note_result(operation, -1, path, more);
  errno = fault_errno;
  return -1;
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* One change of something that has a path: met, made, noted. */
#define CHANGE(operation, path, more, can_fill, call) \
  do { \
    int met = meet(operation, path, can_fill); \
    if (met == fail) return refuse(operation, path, more); \
    __typeof__(call) result = call; \
    note_result(operation, (long)result, path, more); \
    if (met >= die_after) die("after", operation, path); \
    return result; \
  } while (0)

static int opened(int fd, const char *path, int met) {
  if (fd >= 0) remember(fd, path);
  if (met >= die_after) die("after", "open", path);
  return fd;
}

#define OPEN_BODY(real_call) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | __O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  } \
  if (!is_under(path)) return real_call; \
  int makes = (flags & O_CREAT) && access(path, F_OK) != 0; \
  int met = meet(makes ? "create" : "open", path, makes); \
  if (met == fail) return refuse(makes ? "create" : "open", path, NULL); \
  int fd = real_call; \
  if (makes) note_result("create", fd, path, NULL); \
  return opened(fd, path, met)

int open(const char *path, int flags, ...) {
  REAL(open);
  OPEN_BODY(real(path, flags, mode));
}

int open64(const char *path, int flags, ...) {
  REAL(open64);
  OPEN_BODY(real(path, flags, mode));
}

int openat(int at, const char *path, int flags, ...) {
  REAL(openat);
  OPEN_BODY(real(at, path, flags, mode));
}

int close(int fd) {
  REAL(close);
  remember(fd, NULL);
  return real(fd);
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
  REAL(connect);
  if (port != 0 && address->sa_family == AF_INET && ntohs(((const struct sockaddr_in *)address)->sin_port) == port) {
    remember(fd, server);
    armed = 1;
  }
  return real(fd, address, length);
}

/* The commands sent to the server, on one line. */
static void said(char *words, const struct iovec *parts, int count) {
  size_t length = 0;
  for (int at = 0; at < count; at++)
    for (size_t byte = 0; byte < parts[at].iov_len && length < most_said - 1; byte++) {
      char one = ((const char *)parts[at].iov_base)[byte];
      words[length++] = one == '\n' || one == '\t' ? ' ' : one == '\r' ? ';' : one;
    }
  words[length] = 0;
}

static int is_server(const char *path) { return path != NULL && strcmp(path, server) == 0; }

static ssize_t send_to_server(ssize_t (*send_it)(void *), void *call, const struct iovec *parts, int count) {
  char words[most_said];
  said(words, parts, count);
  int met = meet("send", server, 0);
  /* Noted before: it may be heard before the call has ended. */
  note("send", "ok", server, words);
  ssize_t result = send_it(call);
  if (met >= die_after) die("after", "send", server);
  return result;
}

struct write_call { int fd; const struct iovec *parts; int count; };

static ssize_t do_writev(void *given) {
  struct write_call *call = given;
  return syscall(SYS_writev, call->fd, call->parts, call->count);
}

static ssize_t write_parts(int fd, const struct iovec *parts, int count, const char *path) {
  struct write_call call = {fd, parts, count};
  if (is_server(path)) return send_to_server(do_writev, &call, parts, count);
  int met = meet("write", path, 1);
  if (met == fail) return refuse("write", path, NULL);
  if (met == die_within) {
    syscall(SYS_write, fd, parts[0].iov_base, (parts[0].iov_len + 1) / 2);
    die("within", "write", path);
  }
  ssize_t result = do_writev(&call);
  note_result("write", result, path, NULL);
  if (met == die_after) die("after", "write", path);
  return result;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  REAL(write);
  const char *path = path_of(fd);
  if (path == NULL) return real(fd, bytes, length);
  struct iovec part = {(void *)bytes, length};
  return write_parts(fd, &part, 1, path);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(writev);
  const char *path = path_of(fd);
  return path == NULL ? real(fd, parts, count) : write_parts(fd, parts, count, path);
}

struct send_call { int fd; const struct msghdr *message; int flags; };

static ssize_t do_sendmsg(void *given) {
  struct send_call *call = given;
  return syscall(SYS_sendmsg, call->fd, call->message, call->flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  REAL(sendmsg);
  if (!is_server(path_of(fd))) return real(fd, message, flags);
  struct send_call call = {fd, message, flags};
  return send_to_server(do_sendmsg, &call, message->msg_iov, (int)message->msg_iovlen);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  REAL(pwrite64);
  const char *path = path_of(fd);
  if (path == NULL) return real(fd, bytes, length, at);
  int met = meet("write", path, 1);
  if (met == fail) return refuse("write", path, NULL);
  if (met == die_within) {
    real(fd, bytes, (length + 1) / 2, at);
    die("within", "write", path);
  }
  ssize_t result = real(fd, bytes, length, at);
  note_result("write", result, path, NULL);
  if (met == die_after) die("after", "write", path);
  return result;
}

int fsync(int fd) {
  REAL(fsync);
  const char *path = path_of(fd);
  if (path == NULL) return real(fd);
  CHANGE("sync", path, NULL, 1, real(fd));
}

int fdatasync(int fd) {
  REAL(fdatasync);
  const char *path = path_of(fd);
  if (path == NULL) return real(fd);
  CHANGE("sync", path, NULL, 1, real(fd));
}

int ftruncate64(int fd, off64_t length) {
  REAL(ftruncate64);
  const char *path = path_of(fd);
  if (path == NULL) return real(fd, length);
  CHANGE("truncate", path, NULL, 1, real(fd, length));
}

int rename(const char *from, const char *to) {
  REAL(rename);
  if (!is_under(to) && !is_under(from)) return real(from, to);
  CHANGE("rename", from, to, 1, real(from, to));
}

int link(const char *from, const char *to) {
  REAL(link);
  if (!is_under(to)) return real(from, to);
  CHANGE("link", from, to, 1, real(from, to));
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  if (!is_under(path)) return real(path, mode);
  CHANGE("mkdir", path, NULL, 1, real(path, mode));
}

int unlink(const char *path) {
  REAL(unlink);
  if (!is_under(path)) return real(path);
  CHANGE("unlink", path, NULL, 0, real(path));
}
