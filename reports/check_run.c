/* check_run - see check.h: the suites one after the other, their answers, and every subject on them.  Starts the other
   verbs and reads their text; holds no number of its own.
   SPDX-License-Identifier: MIT */
#include "check.h"
#include "pipeline.h"
#include "profile.h"
#include "progress.h"
#include "scratch.h"
#include "verb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

_Noreturn void check_stop(const char *why)
{
    progress_clear();
    fprintf(stderr, "maskproof check: %s\n", why);
    exit(2);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- verdicts --- */

/* The cases beside their verdicts, which come in the same order: only they tell how large a case is. */
struct cases {
    struct source source;
    char id[80];
    size_t entries;
};

static size_t entries_of(struct cases *c, const char *path, const char *id)
{
    if (c->source.file == NULL) verb_open(&c->source, path);
    while (strcmp(c->id, id) != 0 && source_next(&c->source)) {
        char *text = c->source.text, *mask = NULL;
        if (text[0] == '#') continue;
        for (int field = 0; field < 4; field++) {
            mask = line_token(&text);
            if (mask == NULL) break;
            if (field == 0) snprintf(c->id, sizeof c->id, "%s", mask);
        }
        c->entries = 0;
        for (; mask != NULL && *mask != '\0'; mask++) c->entries += *mask != '/';
    }
    return strcmp(c->id, id) == 0 ? c->entries : 0;
}

static void note_failure(const struct job *job, struct cases *cases, char *const field[VERDICT_COLUMNS])
{
    unsigned bugs;
    if (strcmp(field[VERDICT_STATUS], "fail") != 0 || !bug_parse(field[VERDICT_BUG], &bugs) || bugs == 0) return;
    struct example row = {.suite = job->suite, .format = job->format};
    row.row = strtoul(field[VERDICT_ROW], NULL, 10);
    row.entries = entries_of(cases, job->cases, field[VERDICT_ID]);
    snprintf(row.id, sizeof row.id, "%s", field[VERDICT_ID]);
    subject_note_example(job->subject, bugs, &row);
}

static void read_verdicts(const struct check *check, const struct job *job, struct tally *tally, unsigned allowed)
{
    struct source s;
    struct cases cases = {.entries = 0};
    char *field[VERDICT_COLUMNS];
    verb_open(&s, job->verdicts);
    while (source_next(&s)) {
        if (check->verdicts != NULL) fprintf(check->verdicts, "%s\n", s.text);
        if (!verdict_cut(s.text, field) || !tally_fields(tally, field, allowed))
            source_fail(&s, "expected a verdict line");
        if (check->examples) note_failure(job, &cases, field);
    }
    source_close(&s);
    if (cases.source.file != NULL) source_close(&cases.source);
}

/* --- implementations, several at a time --- */

struct started {
    struct job job;
    struct pipeline pipeline;
    char verdicts[SCRATCH_PATH], max_ulp[32];
};

static void start_impl(const struct check *check, struct started *s, const struct job *job)
{
    const struct claim *c = job->subject->claim[job->format];
    s->job = *job;
    s->job.verdicts = s->verdicts;
    snprintf(s->max_ulp, sizeof s->max_ulp, "%.17g", c->max_ulp);
    s->pipeline = (struct pipeline){
        .stage = {{.argv = ARGV("maskproof-run", c->impl, job->cases)},
                  {.argv = ARGV("maskproof-judge", job->answers, "--no-answers", "--quiet", "--subject", c->impl,
                                "--max-ulp", s->max_ulp, "--policy", c->profile, "--min-cases", check->min_cases)}},
        .output_path = s->verdicts};
    if (!pipeline_start(&s->pipeline)) check_stop(s->pipeline.error);
}

static void finish_impl(const struct check *check, struct started *s, const char *suite, struct tally *tally)
{
    const struct claim *c = s->job.subject->claim[s->job.format];
    pipeline_wait(&s->pipeline);
    int run = s->pipeline.stage[0].status, judge = s->pipeline.stage[1].status;
    if (run != 0 || (judge != 0 && judge != 1 && judge != 77)) check_stop(s->pipeline.error);
    pipeline_free(&s->pipeline);
    read_verdicts(check, &s->job, tally, claim_allows(c, suite));
}

static void run_impls(const struct check *check, struct job job, int op)
{
    static struct started jobs[64];
    struct subject *of_op[MAX_SUBJECTS];
    size_t count = 0, started = 0;
    for (size_t i = 0; i < check->subjects.count; i++)
        if (check->subjects.subject[i].op == op) of_op[count++] = &check->subjects.subject[i];
    for (size_t finished = 0; finished < count; finished++) {
        for (; started < count && started < finished + check->jobs; started++) {
            struct started *s = &jobs[started % check->jobs];
            char name[40];
            snprintf(name, sizeof name, "verdicts-%zu", started % check->jobs);
            scratch_path(s->verdicts, name);
            job.subject = of_op[started];
            start_impl(check, s, &job);
        }
        struct started *s = &jobs[finished % check->jobs];
        finish_impl(check, s, check->suites[job.suite], &s->job.subject->tally[job.suite][job.format]);
    }
}

/* --- suites --- */

static void write_answers(const char *cases, const char *answers)
{
    struct pipeline truth = {.stage = {{.argv = ARGV("maskproof-truth")}}, .input_path = cases, .output_path = answers};
    if (!pipeline_run(&truth)) check_stop(truth.error);
    pipeline_free(&truth);
}

static void write_cases(const struct check *check, const char *suite, int op, const char *format, const char *cases)
{
    const struct sampling *s = &check->sampling;
    const char *argv[16] = {"maskproof-gen", suite, format, "--op", op_names[op]};
    const char *const asked[][2] = {
        {"--seed", s->seed}, {"--count", s->count}, {"--rows", s->rows}, {"--cols", s->cols}};
    size_t argc = 5;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (asked[i][1] == NULL) continue;
        argv[argc++] = asked[i][0];
        argv[argc++] = asked[i][1];
    }
    struct pipeline gen = {.stage = {{.argv = argv}}, .output_path = cases};
    if (!pipeline_run(&gen)) exit(2); /* gen has said why */
    pipeline_free(&gen);
}

static void judge_command(struct check *check, struct job *job, int op)
{
    char verdicts[SCRATCH_PATH];
    for (size_t i = 0; i < check->subjects.count; i++)
        if (check->subjects.subject[i].op == op) job->subject = &check->subjects.subject[i];
    struct tally *tally = &job->subject->tally[job->suite][job->format];
    scratch_path(verdicts, "verdicts-0");
    job->verdicts = verdicts;
    if (!command_run(check, job)) return;
    read_verdicts(check, job, tally, 0);
    command_hear(check, job);
}

/* The files of cases and answers: of each suite its own, written once, where they are wanted more than once. */
static void prepare(const struct check *check, const struct job *job, int op, bool answers)
{
    static bool written[2][OPS][MAX_SUITES][FORMATS];
    bool *cases_there = &written[0][op][job->suite][job->format];
    bool *answers_there = &written[1][op][job->suite][job->format];
    const char *suite = check->suites[job->suite], *format = formats[job->format].name;
    if (check->once) {
        char name[80];
        snprintf(name, sizeof name, "%s-%s-%s", op_names[op], suite, format);
        scratch_path(job->cases, name);
        snprintf(name, sizeof name, "%s-%s-%s-answers", op_names[op], suite, format);
        scratch_path(job->answers, name);
    }
    if (!check->once || !*cases_there) write_cases(check, suite, op, format, job->cases);
    *cases_there = true;
    if (!answers || (check->once && *answers_there)) return;
    write_answers(job->cases, job->answers);
    *answers_there = true;
}

static void run_suite(struct check *check, struct job *job, int op)
{
    char label[80];
    snprintf(label, sizeof label, "%s %s %s", op_names[op], check->suites[job->suite], formats[job->format].name);
    progress_step(label);
    if (check->stopped[op] != NULL) return;
    double start = now();
    prepare(check, job, op, true);
    if (check->argv == NULL) {
        run_impls(check, *job, op);
        return;
    }
    judge_command(check, job, op);
    struct outcome *o = &job->subject->outcome[job->suite][job->format];
    o->ours = now() - start - o->seconds;
}

static void add_cases(struct check *check, struct job *job, int op)
{
    prepare(check, job, op, false);
    once_add(job);
}

/* Every operation, suite and format that is wanted, always in this order. */
static void each(struct check *check, struct job *job, void (*visit)(struct check *, struct job *, int op))
{
    bool any[OPS] = {false};
    for (size_t i = 0; i < check->subjects.count; i++) any[check->subjects.subject[i].op] = true;
    for (int op = 0; op < OPS; op++)
        for (job->suite = 0; any[op] && job->suite < check->suite_count; job->suite++)
            for (job->format = 0; job->format < FORMATS; job->format++)
                if (check->formats[job->format]) visit(check, job, op);
}

static size_t steps;
static void count_step(struct check *check, struct job *job, int op)
{
    (void)check, (void)job, (void)op;
    steps++;
}

static void run_suites(struct check *check, struct job *job)
{
    steps = 0;
    each(check, job, count_step);
    progress_start(steps);
    each(check, job, run_suite);
    progress_clear();
}

/* Judge the same results again by the choices they showed.  Subnormal results have an answer, so losing them is no
   such choice: it is FLUSH. */
static void judge_again(struct check *check, struct job *job)
{
    for (size_t i = 0; i < check->subjects.count; i++) {
        struct subject *s = &check->subjects.subject[i];
        struct tally all = subject_in_all(s);
        struct learned l = profile_learn(&all, &check->policy);
        struct policy policy = policy_default();
        char error[300], text[300];
        policy_apply(&policy, l.policy, error, sizeof error);
        policy.choice[KEY_TINY] = CHOICE_KEPT;
        profile_spell(&policy, text, sizeof text);
        check->seen[s->op] = strdup(text);
        for (int b = 0; b < BUGS; b++) free(s->example[b].says);
        for (size_t suite = 0; suite < MAX_SUITES; suite++)
            for (int f = 0; f < FORMATS; f++) {
                free(s->outcome[suite][f].said);
                free(s->outcome[suite][f].why);
            }
        memset(s->tally, 0, sizeof s->tally);
        memset(s->example, 0, sizeof s->example);
        memset(s->outcome, 0, sizeof *s->outcome * MAX_SUITES);
    }
    once_rewind();
    run_suites(check, job);
}

/* --- witnesses: the case of a claim whose error must reach 80 % of it --- */

/* Written out in the claim, or "SUITE ID" where it is long. */
static void write_witness(const struct claim *c, const char *cases)
{
    char suite[40], id[80];
    if (sscanf(c->witness, "%39s %79s %c", suite, id, &(char){0}) == 2) {
        struct pipeline gen = {
            .stage = {{.argv = ARGV("maskproof-gen", suite, c->format->name, "--op", op_names[c->op], "--id", id)}},
            .output_path = cases};
        if (!pipeline_run(&gen)) exit(2); /* gen has said why */
        pipeline_free(&gen);
        return;
    }
    FILE *out = fopen(cases, "w");
    if (out == NULL) check_stop(strerror(errno));
    fprintf(out, "witness %s\n", c->witness);
    if (fclose(out) != 0) check_stop(strerror(errno));
}

static void run_witnesses(struct check *check, struct job *job)
{
    struct check quiet = *check; /* not rows of a suite */
    quiet.verdicts = NULL;
    quiet.examples = false;
    for (size_t i = 0; i < check->subjects.count; i++)
        for (job->format = 0; job->format < FORMATS; job->format++) {
            static struct started one;
            struct subject *s = job->subject = &check->subjects.subject[i];
            const struct claim *c = s->claim[job->format];
            struct tally tally = {.worst = 0};
            if (!check->formats[job->format] || c == NULL || c->witness == NULL) continue;
            write_witness(c, job->cases);
            write_answers(job->cases, job->answers);
            scratch_path(one.verdicts, "verdicts-0");
            start_impl(&quiet, &one, job);
            finish_impl(&quiet, &one, "", &tally);
            s->witness[job->format] = tally.worst;
        }
}

void check_run(struct check *check)
{
    char cases[SCRATCH_PATH], answers[SCRATCH_PATH];
    struct job job = {.cases = cases, .answers = answers};
    scratch_path(cases, "cases");
    scratch_path(answers, "answers");
    if (check->once) {
        each(check, &job, add_cases);
        once_run(check);
    }
    run_suites(check, &job);
    if (check->policy_seen) judge_again(check, &job);
    if (check->witnesses) run_witnesses(check, &job);
}
