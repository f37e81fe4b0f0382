/* subject - see subject.h.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strsignal */
#include "subject.h"
#include "library.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static library_fn *subject;
static const char *subject_name;

/* The id of the case that the child is at, for the parent to name if the child is killed. */
enum { ID_BYTES = 200 };
static char *case_at_work;

enum { GUARD = 64 }; /* entries of NaN behind every array */

_Noreturn static void verdict(const char *id, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "%s: case %s: %s\n", subject_name, id, what);
    exit(1);
}

static void load(const char *library_symbol)
{
    if (!library_named(library_symbol)) {
        fprintf(stderr, "expected --so LIB:SYMBOL, found '%s'\n", library_symbol);
        exit(2);
    }
    subject = library_load(library_symbol);
    if (subject == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
}

void subject_start(const char *library_symbol)
{
    subject_name = library_symbol;
    case_at_work = mmap(NULL, ID_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (case_at_work == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* who stops us stops the subject, too */
        load(library_symbol);
        return;
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) {
        perror("fork");
        exit(2);
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "%s: %s%s%skilled by signal %d (%s)\n", library_symbol, case_at_work[0] ? "case " : "",
                case_at_work, case_at_work[0] ? ": " : "", WTERMSIG(status), strsignal(WTERMSIG(status)));
        exit(1);
    }
    exit(WEXITSTATUS(status));
}

/* --- arrays as the subject's machine sees them --- */

static void store(const struct format *f, unsigned char *at, uint64_t word)
{
    uint16_t h = (uint16_t)word;
    uint32_t s = (uint32_t)word;
    if (f->digits == 4) memcpy(at, &h, 2);
    if (f->digits == 8) memcpy(at, &s, 4);
    if (f->digits == 16) memcpy(at, &word, 8);
}

static uint64_t load_word(const struct format *f, const unsigned char *at)
{
    uint64_t word = 0;
    uint32_t s = 0;
    uint16_t h = 0;
    if (f->digits == 4) memcpy(&h, at, 2);
    if (f->digits == 8) memcpy(&s, at, 4);
    if (f->digits == 16) memcpy(&word, at, 8);
    return word | s | h;
}

/* An array of the format's own bytes, `shift` entries off a vector's alignment, NaN behind its end. */
struct array {
    unsigned char *block, *at;
    size_t bytes;
};

static struct array array_of(const struct format *f, size_t entries, const uint64_t *words, size_t shift)
{
    size_t size = f->digits / 2;
    struct array a = {.bytes = (entries + GUARD) * size};
    a.block = malloc(a.bytes + shift * size);
    if (a.block == NULL) {
        fprintf(stderr, "maskproof run: out of memory for %zu entries\n", entries);
        exit(2);
    }
    a.at = a.block + shift * size;
    for (size_t i = 0; i < entries + GUARD; i++)
        store(f, a.at + i * size, words && i < entries ? words[i] : word_quiet_nan(f));
    return a;
}

static int call_once(const struct line *line, bool in_place, size_t shift, uint64_t *words)
{
    const struct format *f = line->format;
    size_t entries = line->rows * line->n, size = f->digits / 2;
    struct array x = array_of(f, entries, line->x, shift), same = array_of(f, entries, line->x, shift);
    struct array out = in_place ? x : array_of(f, entries, NULL, shift);
    struct array dy = array_of(f, line->dy ? entries : 0, line->dy, shift);
    unsigned char *mask = malloc(entries + GUARD + shift);
    if (mask == NULL) verdict(line->id, "out of memory");
    memcpy(mask + shift, line->mask, entries);
    memset(mask + shift + entries, 1, GUARD); /* behind the end all is "valid": a reader of the tail meets NaN */
    int status =
        subject(line->op, (int)(f - formats), line->rows, line->n, x.at, mask + shift, line->dy ? dy.at : NULL, out.at);
    if (!in_place && memcmp(x.at, same.at, x.bytes) != 0) verdict(line->id, "wrote into its input x");
    if (memcmp(mask + shift, line->mask, entries) != 0) verdict(line->id, "wrote into its mask");
    for (size_t i = 0; i < GUARD; i++)
        if (load_word(f, out.at + (entries + i) * size) != word_quiet_nan(f))
            verdict(line->id, "wrote behind the end of out");
    for (size_t i = 0; i < entries; i++) words[i] = load_word(f, out.at + i * size);
    if (!in_place) free(out.block);
    free(x.block);
    free(same.block);
    free(dy.block);
    free(mask);
    return status;
}

int subject_call(const struct line *line, uint64_t *words)
{
    static const struct {
        bool in_place;
        size_t shift;
        const char *differs;
    } ways[] = {{true, 0, "differs when out is x"}, {false, 1, "differs on arrays not aligned to a vector"}};
    size_t entries = line->rows * line->n;
    fflush(stdout); /* what it has answered so far stays, if this call is its last */
    snprintf(case_at_work, ID_BYTES, "%s", line->id);
    int status = call_once(line, false, 0, words);
    if (status != 0) return status;
    uint64_t *again = malloc((entries ? entries : 1) * sizeof *again);
    if (again == NULL) verdict(line->id, "out of memory");
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        if (call_once(line, ways[w].in_place, ways[w].shift, again) != 0 ||
            memcmp(words, again, entries * sizeof *words) != 0)
            verdict(line->id, ways[w].differs);
    }
    free(again);
    return 0;
}
