/* pipeline - see pipeline.h.
   SPDX-License-Identifier: MIT */
#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool fail(struct pipeline *p, const char *what)
{
    snprintf(p->error, sizeof p->error, "%.180s: %s", what, strerror(errno));
    return false;
}

/* The same file above 2 and closed by exec, so that dup2 onto 0, 1, 2 meets no descriptor still in use. */
static int lift(int fd)
{
    if (fd < 0) return fd;
    int high = fcntl(fd, F_DUPFD_CLOEXEC, 3), error = errno;
    close(fd);
    errno = error;
    return high;
}

static void drop(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    ends[0] = lift(ends[0]);
    ends[1] = lift(ends[1]);
    if (ends[0] >= 0 && ends[1] >= 0) return true;
    drop(&ends[0]);
    drop(&ends[1]);
    return false;
}

/* A file without a name, gone when its last descriptor is. */
static int open_scratch(void)
{
    FILE *file = tmpfile();
    if (file == NULL) return -1;
    int fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3), error = errno;
    fclose(file);
    errno = error;
    return fd;
}

static bool write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, text, length);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        text += put;
        length -= (size_t)put;
    }
    return true;
}

static int open_input(const struct pipeline *p)
{
    if (p->input == NULL) return lift(open(p->input_path ? p->input_path : "/dev/null", O_RDONLY));
    int fd = open_scratch();
    if (fd >= 0 && (!write_all(fd, p->input, strlen(p->input)) || lseek(fd, 0, SEEK_SET) != 0)) drop(&fd);
    return fd;
}

static int open_output(const struct pipeline *p)
{
    return p->output_path ? lift(open(p->output_path, O_WRONLY | O_CREAT | O_TRUNC, 0666)) : open_scratch();
}

/* The path of maskproof-VERB beside this executable. */
static bool beside(const char *name, char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (length < 0) return false;
    path[length] = '\0';
    char *end = strrchr(path, '/') + 1;
    size_t room = PATH_MAX - (size_t)(end - path);
    errno = ENAMETOOLONG;
    return (size_t)snprintf(end, room, "%s", name) < room;
}

struct wires {
    int in, out, err; /* err -1: ours */
};

/* In the child: become the program, or say through `report` why not. */
static _Noreturn void become(const char *const *argv, pid_t group, pid_t parent, struct wires w, int report)
{
    char path[PATH_MAX];
    setpgid(0, group);                /* one group a pipeline, so that a timeout reaches what it started, too */
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* and the terminal's Ctrl-C, which does not reach the group, ends it with us */
    if (getppid() != parent) _exit(127);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGTTOU, SIG_IGN); /* a message to the terminal must not stop a background group */
    bool ok = dup2(w.in, 0) >= 0 && dup2(w.out, 1) >= 0 && (w.err < 0 || dup2(w.err, 2) >= 0);
    if (ok && strncmp(argv[0], "maskproof-", 10) == 0 && strchr(argv[0], '/') == NULL) {
        if (beside(argv[0], path)) execv(path, (char *const *)argv);
    } else if (ok) {
        execvp(argv[0], (char *const *)argv);
    }
    int error = errno;
    write_all(report, (const char *)&error, sizeof error);
    _exit(127);
}

/* The groups that run, where a signal handler finds them.  One that has no place here is not missed: the programs
   themselves, if not what they started, end with us. */
enum { MAX_GROUPS = 64 };
static volatile pid_t groups[MAX_GROUPS];

static void note_group(pid_t old, pid_t new)
{
    for (int i = 0; i < MAX_GROUPS; i++) {
        if (groups[i] != old) continue;
        groups[i] = new;
        return;
    }
}

void pipeline_kill_running(void)
{
    for (int i = 0; i < MAX_GROUPS; i++)
        if (groups[i] != 0) kill(-groups[i], SIGKILL);
}

/* Start one program.  False if there is no process for it; a program that cannot be executed is only noted. */
static bool start_stage(struct pipeline *p, struct stage *s, struct wires w)
{
    int report[2], error = 0;
    if (!open_pipe(report)) return fail(p, "pipe");
    pid_t parent = getpid();
    s->pid = fork();
    if (s->pid == 0) become(s->argv, p->group, parent, w, report[1]);
    drop(&report[1]);
    if (s->pid > 0) {
        if (p->group == 0) note_group(0, p->group = s->pid);
        setpgid(s->pid, p->group); /* here too: whoever comes first */
        ssize_t got;
        do got = read(report[0], &error, sizeof error); /* ends at exec, which closes the other end */
        while (got < 0 && errno == EINTR);
        if (got != sizeof error) error = 0;
    }
    int why = errno;
    drop(&report[0]);
    errno = why;
    if (s->pid < 0) {
        s->pid = 0;
        return fail(p, "fork");
    }
    if (error != 0) {
        s->status = STAGE_NOT_STARTED; /* its process is reaped with the others */
        if (p->error[0] == '\0') snprintf(p->error, sizeof p->error, "%.180s: %s", s->argv[0], strerror(error));
    }
    return true;
}

/* Has the program ended?  Its process is kept, and with it the group's number, until all have. */
static bool has_ended(const struct stage *s)
{
    siginfo_t info = {.si_pid = 0};
    int failed;
    if (s->pid == 0) return true;
    do failed = waitid(P_PID, (id_t)s->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    while (failed && errno == EINTR);
    return failed || info.si_pid != 0;
}

/* Note the end of a program, waiting for it. */
static void reap(struct stage *s)
{
    int status;
    pid_t pid;
    if (s->pid == 0) return;
    do pid = waitpid(s->pid, &status, 0);
    while (pid < 0 && errno == EINTR);
    s->pid = 0;
    if (s->status == STAGE_NOT_STARTED) return;
    if (pid < 0)
        s->status = -SIGKILL; /* the caller ignores SIGCHLD, so its end is lost: not a success */
    else
        s->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void kill_all(struct pipeline *p)
{
    for (int i = 0; i < PIPELINE_STAGES; i++) {
        if (p->stage[i].pid == 0) continue;
        kill(-p->group, SIGKILL); /* the group exists as long as one of its members is not reaped */
        break;
    }
}

/* End all programs, and what they left behind, which may hold the files open, and the cores. */
static void end_all(struct pipeline *p)
{
    kill_all(p);
    if (p->group != 0) note_group(p->group, 0); /* while the number is ours */
    for (int i = 0; i < PIPELINE_STAGES; i++) reap(&p->stage[i]);
}

static void abandon(struct pipeline *p)
{
    end_all(p);
    for (int i = 0; i < PIPELINE_STAGES; i++) drop(&p->stage[i].errors_fd);
    drop(&p->output_fd);
    p->running = false;
}

bool pipeline_start(struct pipeline *p)
{
    int count = 0, in = -1, out[2] = {-1, -1};
    while (count < PIPELINE_STAGES && p->stage[count].argv != NULL) count++;
    for (int i = 0; i < PIPELINE_STAGES; i++) {
        struct stage *s = &p->stage[i];
        *s = (struct stage){.argv = s->argv, .keep_errors = s->keep_errors, .errors_fd = -1};
        if (s->argv != NULL) snprintf(s->program, sizeof s->program, "%s", s->argv[0]);
    }
    p->output = NULL;
    p->length = 0;
    p->timed_out = p->too_much = false;
    p->error[0] = '\0';
    p->group = 0;
    p->output_fd = -1;
    p->running = true;
    p->deadline = now() + (p->seconds > 0 ? p->seconds : PIPELINE_SECONDS);

    bool ok = true;
    if ((in = open_input(p)) < 0)
        ok = fail(p, p->input_path && !p->input ? p->input_path : "temporary file");
    else if ((p->output_fd = open_output(p)) < 0)
        ok = fail(p, p->output_path ? p->output_path : "temporary file");
    for (int i = 0; i < count && ok; i++) {
        struct stage *s = &p->stage[i];
        bool last = i + 1 == count;
        if (s->keep_errors && (s->errors_fd = open_scratch()) < 0) ok = fail(p, "temporary file");
        if (ok && !last && !open_pipe(out)) ok = fail(p, "pipe");
        ok =
            ok && start_stage(p, s, (struct wires){.in = in, .out = last ? p->output_fd : out[1], .err = s->errors_fd});
        drop(&in);
        drop(&out[1]);
        in = out[0];
        out[0] = -1;
    }
    drop(&in);
    if (!ok) abandon(p);
    return ok;
}

/* All of a scratch file as text. */
static char *read_scratch(struct pipeline *p, int *fd, size_t *length)
{
    off_t size = lseek(*fd, 0, SEEK_END);
    char *text = malloc(size > 0 ? (size_t)size + 1 : 1);
    size_t got = 0;
    if (text == NULL) abort();
    while (size > 0 && got < (size_t)size) {
        ssize_t part = pread(*fd, text + got, (size_t)size - got, (off_t)got);
        if (part < 0 && errno == EINTR) continue;
        if (part < 0) fail(p, "temporary file");
        if (part <= 0) break;
        got += (size_t)part;
    }
    text[got] = '\0';
    drop(fd);
    if (length != NULL) *length = got;
    return text;
}

const char *pipeline_status_text(int status, char *room, size_t size)
{
    if (status == STAGE_NOT_STARTED)
        snprintf(room, size, "cannot be started");
    else if (status < 0)
        snprintf(room, size, "killed by signal %d (%s)", -status, strsignal(-status));
    else
        snprintf(room, size, "exit code %d", status);
    return room;
}

static long most_bytes(const struct pipeline *p) { return p->bytes ? p->bytes : PIPELINE_BYTES; }

/* Is a file that is kept larger than it may be?  Looked at, not limited by the system: such a limit would hold for
   every file that a program writes, its own cache too. */
static bool prints_too_much(const struct pipeline *p)
{
    struct stat file;
    bool much = p->output_fd >= 0 && fstat(p->output_fd, &file) == 0 && file.st_size > most_bytes(p);
    for (int i = 0; i < PIPELINE_STAGES; i++) {
        int fd = p->stage[i].errors_fd;
        much = much || (fd >= 0 && fstat(fd, &file) == 0 && file.st_size > most_bytes(p));
    }
    return much;
}

static void finish_results(struct pipeline *p)
{
    int blamed = -1;
    char how[100];
    for (int i = 0; i < PIPELINE_STAGES && p->stage[i].argv != NULL; i++) {
        struct stage *s = &p->stage[i];
        if (s->keep_errors) s->errors = read_scratch(p, &s->errors_fd, NULL);
        if (s->status == 0) continue;
        if (blamed < 0 || p->stage[blamed].status == -SIGPIPE) blamed = i;
    }
    if (p->output_path == NULL)
        p->output = read_scratch(p, &p->output_fd, &p->length);
    else
        drop(&p->output_fd);
    if (p->timed_out)
        snprintf(p->error, sizeof p->error, "%.180s ...: no end after %g seconds", p->stage[0].program,
                 p->seconds > 0 ? p->seconds : PIPELINE_SECONDS);
    else if (p->too_much)
        snprintf(p->error, sizeof p->error, "%.180s ...: printed more than %ld bytes", p->stage[0].program,
                 most_bytes(p));
    else if (blamed >= 0 && p->error[0] == '\0')
        snprintf(p->error, sizeof p->error, "%.140s: %s", p->stage[blamed].program,
                 pipeline_status_text(p->stage[blamed].status, how, sizeof how));
    p->running = false;
}

bool pipeline_done(struct pipeline *p)
{
    bool ended = true;
    if (!p->running) return true;
    for (int i = 0; i < PIPELINE_STAGES; i++) ended = has_ended(&p->stage[i]) && ended;
    if (!p->timed_out && !p->too_much) {
        p->too_much = prints_too_much(p);
        p->timed_out = !ended && !p->too_much && now() > p->deadline;
        if (p->timed_out || p->too_much) kill_all(p);
    }
    if (!ended) return false;
    end_all(p);
    finish_results(p);
    return true;
}

bool pipeline_wait(struct pipeline *p)
{
    struct timespec pause = {.tv_nsec = 100000};
    while (!pipeline_done(p)) {
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000) pause.tv_nsec *= 2;
    }
    return p->error[0] == '\0';
}

bool pipeline_run(struct pipeline *p) { return pipeline_start(p) && pipeline_wait(p); }

void pipeline_free(struct pipeline *p)
{
    if (p->running) abandon(p);
    for (int i = 0; i < PIPELINE_STAGES; i++) {
        free(p->stage[i].errors);
        p->stage[i].errors = NULL;
    }
    free(p->output);
    p->output = NULL;
}
