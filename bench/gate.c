/* gate - see gate.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create */
#include "gate.h"
#include "random.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

__attribute__((format(printf, 1, 2))) static _Noreturn void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fputs("maskproof bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}

static void *new_array(size_t count, size_t size)
{
    void *array = malloc(count * size + 1);
    if (array == NULL) give_up("out of memory for %zu entries", count);
    return array;
}

/* --- the other two programs --- */

static FILE *memory_file(const char *name)
{
    int fd = memfd_create(name, 0); /* inherited: the judge opens it as /proc/self/fd/N */
    if (fd >= 0 && fd <= STDERR_FILENO) give_up("expected standard input, output and error to be open");
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");
    if (file == NULL) give_up("cannot make a file in memory: %s", strerror(errno));
    return file;
}

/* As another program may open it. */
static void path_of(FILE *file, char path[40]) { snprintf(path, 40, "/proc/self/fd/%d", fileno(file)); }

/* What was written is ready to be read from the start, by us or by a child. */
static void ready(FILE *file)
{
    if (fflush(file) != 0 || ferror(file)) give_up("cannot write a file in memory: %s", strerror(errno));
    rewind(file);
}

/* Where the program of that name lies: beside this one. */
static void beside(const char *program, char *path, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length < 0) give_up("/proc/self/exe: %s", strerror(errno));
    path[length] = '\0';
    char *name = strrchr(path, '/') + 1;
    if (strlen(program) >= size - (size_t)(name - path)) give_up("%s: its path is too long", program);
    strcpy(name, program);
}

/* A program beside this one that has ended, and what it printed. */
struct ended {
    int status; /* exit code, or minus the signal */
    FILE *out, *err;
};

/* `in` is closed, NULL for no input.  It is killed after that many seconds; 0: never. */
static struct ended run_beside(const char *const argv[], FILE *in, unsigned seconds)
{
    char path[4096];
    int status;
    struct ended e = {.out = memory_file("out"), .err = memory_file("err")};
    beside(argv[0], path, sizeof path);
    if (in == NULL) in = memory_file("in");
    ready(in);
    fflush(stdout);
    fflush(stderr);
    pid_t child = fork();
    if (child < 0) give_up("fork: %s", strerror(errno));
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM); /* an interrupted bench leaves no program behind */
        alarm(seconds);
        if (dup2(fileno(in), STDIN_FILENO) >= 0 && dup2(fileno(e.out), STDOUT_FILENO) >= 0 &&
            dup2(fileno(e.err), STDERR_FILENO) >= 0)
            execv(path, (char *const *)(uintptr_t)argv);
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) give_up("waitpid: %s", strerror(errno));
    e.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    rewind(e.out);
    rewind(e.err);
    fclose(in);
    return e;
}

/* The first line of it, if there is one. */
static void first_line(FILE *file, char *text, size_t size)
{
    if (fgets(text, (int)size, file) != NULL) text[strcspn(text, "\n")] = '\0';
}

/* The same of a program of ours, which ends with 0 or 1; `*out` is what it printed. */
static int run_ours(const char *const argv[], FILE *in, FILE **out)
{
    struct ended e = run_beside(argv, in, 0);
    char why[300] = "no message";
    first_line(e.err, why, sizeof why);
    if (e.status < 0) give_up("%s was killed by signal %d", argv[0], -e.status);
    if (e.status > 1) give_up("%s ended with exit code %d: %s", argv[0], e.status, why);
    fclose(e.err);
    *out = e.out;
    return e.status;
}

/* --- the sample --- */

enum { LEAST_ROWS = 8, MOST_ROWS = 2048, ENTRIES = 1 << 19 }; /* a judge looks for a failed row in all the others */

size_t gate_rows(size_t rows, size_t n)
{
    size_t sample = ENTRIES / n > LEAST_ROWS ? ENTRIES / n : LEAST_ROWS;
    if (sample > MOST_ROWS) sample = MOST_ROWS;
    return sample < rows ? sample : rows;
}

void gate_open(struct gate *g, size_t entries, size_t rows)
{
    *g = (struct gate){.row = new_array(rows, sizeof *g->row),
                       .x = new_array(entries, sizeof(double)),
                       .p = new_array(entries, sizeof(double)),
                       .line = {.id = "sample", .op = SOFTMAX}};
    g->line.mask = new_array(entries, sizeof *g->line.mask);
    g->line.x = g->line.words = new_array(entries, sizeof *g->line.words);
}

void gate_close(struct gate *g)
{
    if (g->answers != NULL) fclose(g->answers);
    if (g->cases != NULL) fclose(g->cases);
    free(g->row);
    free(g->x);
    free(g->p);
    line_free(&g->line);
}

void gate_sample(struct gate *g, const struct batch *b, uint64_t seed)
{
    size_t row_size = b->n * real_size(b->format);
    g->line.format = b->format;
    g->line.n = b->n;
    g->line.rows = gate_rows(b->rows, b->n);
    for (size_t k = 0; k < g->line.rows; k++) {
        size_t first = k * b->rows / g->line.rows, next = (k + 1) * b->rows / g->line.rows;
        g->row[k] = first + random_below(&seed, next - first);
        memcpy((char *)g->x + k * row_size, (const char *)b->x + g->row[k] * row_size, row_size);
        memcpy(g->line.mask + k * b->n, b->mask + g->row[k] * b->n, b->n);
    }
    words_from_reals(b->format, g->line.rows * b->n, g->x, g->line.x);
    if (g->cases != NULL) fclose(g->cases);
    g->cases = memory_file("cases");
    line_write_case(g->cases, &g->line);
    putc('\n', g->cases);
    ready(g->cases);
    if (g->answers != NULL) fclose(g->answers);
    char cases[40];
    path_of(g->cases, cases);
    if (run_ours((const char *[]){"maskproof-truth", cases, NULL}, NULL, &g->answers) != 0)
        give_up("maskproof-truth gave no answers");
}

/* --- the verdicts --- */

static bool rows_agree(const struct gate *g, const struct batch *b)
{
    size_t row_size = b->n * real_size(b->format);
    for (size_t k = 0; k < g->line.rows; k++)
        if (memcmp((const char *)g->p + k * row_size, (const char *)b->p + g->row[k] * row_size, row_size) != 0)
            return false;
    return true;
}

static FILE *result_of(const struct gate *g)
{
    FILE *out = memory_file("results");
    fprintf(out, "%s =", g->line.id);
    for (size_t i = 0; i < g->line.rows * g->line.n; i++) {
        uint64_t word;
        words_from_reals(g->line.format, 1, (const char *)g->p + i * real_size(g->line.format), &word);
        putc(' ', out);
        line_write_word(out, g->line.format, word);
    }
    putc('\n', out);
    return out;
}

/* Of a verdict line: subject suite op format id row status bug ulp at leak sum-1 ... */
enum { STATUS = 6, BUG = 7, ULP = 8, LEAK = 10, SUM = 11, FIELDS = 12 };

static bool read_verdict(FILE *verdicts, char *text, int size, char *field[FIELDS])
{
    if (fgets(text, size, verdicts) == NULL) return false;
    for (int i = 0; i < FIELDS; i++) {
        field[i] = text;
        text = strchr(text, '\t');
        if (text == NULL) give_up("expected a verdict of at least %d fields from maskproof-judge", FIELDS + 1);
        *text++ = '\0';
    }
    return true;
}

/* Is `name` one of the names in `list`, which blanks or '|' separate? */
static bool names(const char *list, const char *name, size_t length)
{
    while (list != NULL && *list != '\0') {
        size_t word = strcspn(list, " |");
        if (word == length && memcmp(list, name, length) == 0) return true;
        list += word + (list[word] != '\0');
    }
    return false;
}

/* What a judge may guess where only digits are lost: of small probabilities, in a row that leaks nothing and whose sum
   stays 1.  (oneDNN's exponential is 0 below -87.3, so it loses a little more than subnormals, wherever they lie.) */
static const char of_digits[] = "FLUSH ROUND DRIFT STARVE OVERFLOW EPSILON TAIL";
static const double sum_tolerance = 1e-3;

/* What the verdicts of one implementation say together. */
struct tally {
    size_t rows, passed;
    double max_ulp;
    bool claimed;   /* one of the bugs is of those it is said to have */
    bool in_kind;   /* a row is wrong by more than digits */
    char bugs[200]; /* each once, '|' between them */
};

static void count_bugs(struct tally *t, const char *bugs, const char *claimed)
{
    size_t length, used = strlen(t->bugs);
    for (; (length = strcspn(bugs, "|")) > 0; bugs += length + (bugs[length] == '|')) {
        t->claimed = t->claimed || names(claimed, bugs, length);
        t->in_kind = t->in_kind || !names(of_digits, bugs, length);
        if (names(t->bugs, bugs, length) || used + length + 2 > sizeof t->bugs) continue;
        used += (size_t)snprintf(t->bugs + used, sizeof t->bugs - used, "%s%.*s", used ? "|" : "", (int)length, bugs);
    }
}

static void count_failure(struct tally *t, char *field[FIELDS], const char *claimed)
{
    bool whole = strtod(field[LEAK], NULL) == 0 && fabs(strtod(field[SUM], NULL)) <= sum_tolerance;
    t->in_kind = t->in_kind || !whole; /* a NaN is not whole */
    count_bugs(t, field[BUG], claimed);
}

/* `verdicts` is closed. */
static struct tally tally_of(FILE *verdicts, const char *claimed)
{
    char text[512], *field[FIELDS];
    struct tally t = {.rows = 0};
    for (; read_verdict(verdicts, text, sizeof text, field); t.rows++) {
        double ulp = strtod(field[ULP], NULL);
        if (!isnan(t.max_ulp) && !(ulp <= t.max_ulp)) t.max_ulp = ulp; /* a NaN stays */
        if (strcmp(field[STATUS], "pass") == 0)
            t.passed++;
        else
            count_failure(&t, field, claimed);
    }
    fclose(verdicts);
    return t;
}

/* A claim holds for rows of up to 4096 entries.  Beyond, all of it but the last rounding may grow with n, as the
   error of a sum from left to right does (at most (n - 1) u; Higham, Accuracy and Stability, section 4.2). */
static double limit_for(double max_ulp, size_t n)
{
    double growth = n > CLAIM_MAX_N ? (double)n / CLAIM_MAX_N : 1;
    return 0.5 + (max_ulp - 0.5) * growth;
}

/* What maskproof-judge says of the results in g->p. */
static struct tally ask_judge(struct gate *g, const char *name, double max_ulp, const char *profile, const char *bugs)
{
    char answers[40], limit[40];
    const char *const argv[] = {"maskproof-judge", answers, "-",         "--no-answers", "--quiet", "--max-ulp", limit,
                                "--profile",       profile, "--subject", name,           NULL};
    FILE *verdicts;
    path_of(g->answers, answers);
    snprintf(limit, sizeof limit, "%.17g", limit_for(max_ulp, g->line.n));
    int code = run_ours(argv, result_of(g), &verdicts);
    struct tally t = tally_of(verdicts, bugs);
    if (t.rows != g->line.rows || (code == 0) != (t.passed == t.rows))
        give_up("maskproof-judge gave %zu verdicts on %zu rows, %zu of them pass, and exit code %d", t.rows,
                g->line.rows, t.passed, code);
    return t;
}

/* The note of judged rows that fail. */
static void say_failed(struct judged *j, const struct tally *t)
{
    snprintf(j->note, sizeof j->note, "%.80s: %zu of %zu judged rows fail",
             t->bugs[0] == '-' ? "no known bug" : t->bugs, t->rows - t->passed, t->rows);
}

struct judged gate_judge(struct gate *g, const struct batch *b, const struct impl *impl)
{
    memset(g->p, 0xff, g->line.rows * b->n * real_size(b->format)); /* a NaN where nothing is written */
    impl->call(g->line.rows, b->n, g->x, g->line.mask, g->p);
    struct tally t = ask_judge(g, impl->name, impl->max_ulp, impl->profile ? impl->profile : "strict-zero", impl->bugs);
    bool pass = t.passed == t.rows;
    struct judged j = {.pass = pass, .as_claimed = pass || t.claimed, .max_ulp = t.max_ulp};
    snprintf(j.note, sizeof j.note, "%zu rows judged", t.rows);
    if (!j.pass) say_failed(&j, &t);
    if (j.pass && !rows_agree(g, b)) {
        j.pass = false;
        j.as_claimed = names(impl->bugs, "BATCH", 5);
        snprintf(j.note, sizeof j.note, "BATCH: a row changes with the rows around it");
    }
    return j;
}

/* --- other people's --- */

struct judged gate_library(struct gate *g, const char *library_symbol)
{
    enum { SECONDS = 300 };
    char cases[40], id[200] = "";
    struct judged j = {.max_ulp = NAN};
    path_of(g->cases, cases);
    struct ended e = run_beside((const char *[]){"maskproof-run", "--so", library_symbol, cases, NULL}, NULL, SECONDS);
    snprintf(j.note, sizeof j.note, "%s: ended with exit code %d", library_symbol, e.status);
    if (e.status == -SIGALRM) snprintf(j.note, sizeof j.note, "%s: no end after %d s", library_symbol, SECONDS);
    first_line(e.err, j.note, sizeof j.note);
    j.pass = e.status == 0 && fgets(id, sizeof id, e.out) != NULL;
    if (j.pass && strstr(id, " = skip") != NULL) {
        j = (struct judged){.skipped = true, .as_claimed = true, .max_ulp = NAN, .note = "not offered"};
    } else if (j.pass && strstr(id, " = error") != NULL) {
        j.pass = false;
        snprintf(j.note, sizeof j.note, "%s returned an error", library_symbol);
    }
    fclose(e.out);
    fclose(e.err);
    return j;
}

struct judged gate_peer(struct gate *g, const struct batch *b, const char *name)
{
    static const double limits[FORMATS] = {[F64] = 1024, [F32] = 128, [BF16] = 128, [F16] = 16};
    size_t row_size = b->n * real_size(b->format);
    for (size_t k = 0; k < g->line.rows; k++)
        memcpy((char *)g->p + k * row_size, (const char *)b->p + g->row[k] * row_size, row_size);
    struct tally t = ask_judge(g, name, limits[b->format - formats], "strict-zero", NULL);
    struct judged j = {.pass = !t.in_kind, .as_claimed = !t.in_kind, .max_ulp = t.max_ulp};
    snprintf(j.note, sizeof j.note, "%zu rows judged", t.rows);
    if (t.passed < t.rows) say_failed(&j, &t);
    return j;
}
