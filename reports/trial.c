/* trial - see trial.h.
   SPDX-License-Identifier: MIT */
#include "trial.h"
#include "pipeline.h"
#include "scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECT, SUITE, OP, FORMAT, ID, ROW, STATUS, BUG, ULP, AT, LEAK, SUM, CLASS, CHOICE, COLUMNS };

_Noreturn static void stop(const char *why)
{
    fprintf(stderr, "maskproof: %s\n", why);
    exit(2);
}

static void *need(void *memory)
{
    if (memory == NULL) stop("out of memory");
    return memory;
}

/* Keep of `text`, in place, the lines that are no comments and whose mask, the fourth word, is short enough. */
static void keep_small(char *text, size_t most)
{
    char *to = text, *line = text;
    while (*line != '\0') {
        size_t length = strcspn(line, "\n") + 1, field = 0;
        const char *mask = line;
        if (line[length - 1] == '\0') length--;
        while (field++ < 3) mask += strcspn(mask, " \n") + (mask[strcspn(mask, " \n")] == ' ');
        if (line[0] != '#' && strcspn(mask, " \n") <= most) {
            memmove(to, line, length);
            to += length;
        }
        line += length;
    }
    *to = '\0';
}

bool trial_of_cases(struct trial *t, const struct format *format, const char *cases)
{
    struct pipeline truth = {.stage = {{.argv = ARGV("maskproof-truth"), .keep_errors = true}}, .input = cases};
    *t = (struct trial){.format = format};
    bool decided = pipeline_run(&truth) && truth.output[0] != '\0';
    if (decided) t->answers = need(strdup(truth.output));
    pipeline_free(&truth);
    return decided;
}

bool trial_of_suite(struct trial *t, const char *suite, const struct format *format, const char *op, size_t most)
{
    const char *const *plain = ARGV("maskproof-gen", suite, format->name);
    const char *const *other = ARGV("maskproof-gen", suite, format->name, "--op", op);
    struct pipeline gen = {.stage = {{.argv = strcmp(op, "softmax") == 0 ? plain : other, .keep_errors = true}}};
    bool there = pipeline_run(&gen);
    if (there) keep_small(gen.output, most);
    there = there && trial_of_cases(t, format, gen.output);
    pipeline_free(&gen);
    t->suite = suite;
    return there;
}

void trial_free(struct trial *t)
{
    free(t->answers);
    *t = (struct trial){0};
}

/* The judge reads its answers from a file, for it reads them twice. */
static const char *answers_file(const struct trial *t)
{
    static char path[SCRATCH_PATH];
    scratch_path(path, "answers");
    FILE *out = fopen(path, "w");
    if (out == NULL) stop(strerror(errno));
    fputs(t->answers, out);
    if (fclose(out) != 0) stop(strerror(errno));
    return path;
}

struct judged trial_judge(const struct trial *t, const char *results, const char *policy, double max_ulp)
{
    char limit[32];
    snprintf(limit, sizeof limit, "%.17g", max_ulp);
    struct pipeline judge = {.stage = {{.argv = ARGV("maskproof-judge", answers_file(t), "--quiet", "--max-ulp", limit,
                                                     "--policy", policy)}},
                             .input = results};
    pipeline_run(&judge);
    int status = judge.stage[0].status;
    if (status != 0 && status != 1 && status != 77) stop(judge.error);
    struct judged j = {need(strdup(results)), need(strdup(judge.output))};
    pipeline_free(&judge);
    return j;
}

struct judged trial_run(const struct trial *t, const struct claim *c, const char *policy)
{
    struct pipeline run = {.stage = {{.argv = ARGV("maskproof-run", c->impl)}}, .input = t->answers};
    if (!pipeline_run(&run)) stop(run.error);
    struct judged j = trial_judge(t, run.output, policy ? policy : c->profile, c->max_ulp);
    pipeline_free(&run);
    return j;
}

void judged_free(struct judged *j)
{
    free(j->results);
    free(j->verdicts);
    *j = (struct judged){0};
}

/* The line of `text` that begins with this id, as a copy. */
static char *line_with(const char *text, const char *id)
{
    size_t length = strlen(id);
    for (; *text != '\0'; text += strcspn(text, "\n"), text += *text == '\n')
        if (strncmp(text, id, length) == 0 && text[length] == ' ') return need(strndup(text, strcspn(text, "\n")));
    return NULL;
}

/* Cut the next verdict line of *text into fields; false at the end. */
static bool next_verdict(char **text, char *field[COLUMNS])
{
    char *line = *text;
    if (*line == '\0') return false;
    *text += strcspn(line, "\n");
    if (**text == '\n') *(*text)++ = '\0';
    for (int i = 0; i < COLUMNS; i++) {
        field[i] = line;
        line += strcspn(line, "\t");
        if (*line == '\t') *line++ = '\0';
    }
    return true;
}

static int status_of(const char *name)
{
    int status = 0;
    while (status < VOID && strcmp(name, status_names[status]) != 0) status++;
    return status;
}

static const char *class_of(const char *name)
{
    int class = 0;
    while (class < CLASS_PLAIN && strcmp(name, class_names[class]) != 0) class ++;
    return class_names[class];
}

/* The entries of a case by its answer line; 0: not one to show as right. */
static size_t size_of(const char *answer, bool right)
{
    const char *mask = answer;
    for (int field = 0; field < 3; field++) mask += strcspn(mask, " ") + 1;
    size_t length = strcspn(mask, " "), masked = 0;
    bool batch = memchr(mask, '/', length) != NULL;
    for (size_t i = 0; i < length; i++) masked += mask[i] == '0';
    return right && (batch || masked == 0 || length < masked + 2) ? 0 : length;
}

static void take(struct finding *best, const struct trial *t, const struct judged *j, char *const field[COLUMNS],
                 char *answer, size_t entries)
{
    finding_free(best);
    best->suite = t->suite;
    best->answer = answer;
    best->result = line_with(j->results, field[ID]);
    best->class = class_of(field[CLASS]);
    best->ulp = strtod(field[ULP], NULL);
    best->leak = strtod(field[LEAK], NULL);
    best->sum = strtod(field[SUM], NULL);
    best->row = strtoul(field[ROW], NULL, 10);
    best->at = strtoul(field[AT], NULL, 10);
    best->status = status_of(field[STATUS]);
    bug_parse(field[BUG], &best->bugs);
    best->entries = entries;
}

void trial_search(const struct trial *t, const struct judged *j, int status, unsigned bugs, struct finding *best)
{
    char *copy = need(strdup(j->verdicts)), *rest = copy, *field[COLUMNS];
    while (next_verdict(&rest, field)) {
        unsigned found;
        bool plain = strcmp(field[CLASS], "plain") == 0;
        if (status_of(field[STATUS]) != status || !bug_parse(field[BUG], &found)) continue;
        if (status == FAIL ? found != bugs : !plain) continue;
        char *answer = line_with(t->answers, field[ID]);
        size_t entries = answer ? size_of(answer, status == PASS && !best->witness) : 0;
        if (entries == 0 || (best->answer != NULL && entries >= best->entries))
            free(answer);
        else
            take(best, t, j, field, answer, entries);
    }
    free(copy);
}

void finding_free(struct finding *f)
{
    free(f->answer);
    free(f->result);
    f->answer = f->result = NULL;
}

size_t judged_count(const struct judged *j, int status)
{
    char *copy = need(strdup(j->verdicts)), *rest = copy, *field[COLUMNS];
    size_t count = 0;
    while (next_verdict(&rest, field)) count += status_of(field[STATUS]) == status;
    free(copy);
    return count;
}
