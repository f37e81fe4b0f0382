/* check - everything at once: implementations, or somebody's command, over suites and formats; what each shows
   against what it claims.  Starts the other verbs and reads their text; holds no number of its own.
   SPDX-License-Identifier: MIT */
#include "check.h"
#include "catalogue.h"
#include "matrix.h"
#include "pipeline.h"
#include "scratch.h"
#include "verb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct check check;
static struct claims claims;
static struct suite_entry entries[MAX_SUITES]; /* all that there are */
static size_t entry_count;
static struct {
    char **impls; /* the names asked for; none: all */
    size_t impl_count;
    const char *const *command; /* after "--"; NULL: implementations */
    const char *max_ulp, *policy, *min_cases, *verdicts;
    double timeout;
    size_t jobs;
    bool ops_given, list, matrix;
} options = {.max_ulp = "1", .policy = "strict-zero", .min_cases = "1", .timeout = 300};
static FILE *verdicts_file;

/* --- options --- */

static void parse_formats(char *list, struct argp_state *state)
{
    memset(check.formats, 0, sizeof check.formats);
    for (char *name = strtok(list, ","); name != NULL; name = strtok(NULL, ",")) {
        const struct format *f = format_named(name);
        if (f == NULL) argp_error(state, "expected --format of f64, f32, bf16, f16, found '%s'", name);
        check.formats[f - formats] = true;
    }
}

static void parse_ops(char *list, struct argp_state *state)
{
    memset(check.ops, 0, sizeof check.ops);
    options.ops_given = true;
    for (char *name = strtok(list, ","); name != NULL; name = strtok(NULL, ",")) {
        int op = 0;
        while (op < OPS && strcmp(name, op_names[op]) != 0) op++;
        if (op == OPS) argp_error(state, "expected --op of softmax, log_softmax, vjp, found '%s'", name);
        check.ops[op] = true;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    char error[200], *end;
    switch (key) {
    case 'o': parse_ops(arg, state); break;
    case 's':
        for (char *name = strtok(arg, ","); name != NULL; name = strtok(NULL, ","))
            if (check.suite_count < MAX_SUITES) check.suites[check.suite_count++] = name;
        break;
    case 'f': parse_formats(arg, state); break;
    case 'u':
        if (!(strtod(arg, &end) >= 0.5) || *end != '\0')
            argp_error(state, "expected --max-ulp to be a number of at least 0.5, found '%s'", arg);
        options.max_ulp = arg;
        break;
    case 'p':
        if (!policy_apply(&check.policy, arg, error, sizeof error)) argp_error(state, "%s", error);
        options.policy = arg;
        break;
    case 'm':
        verb_number(state, "--min-cases", arg, 0, ~0ul);
        options.min_cases = arg;
        break;
    case 't': options.timeout = (double)verb_number(state, "--timeout", arg, 1, 86400); break;
    case 'j': options.jobs = verb_number(state, "--jobs", arg, 1, 64); break;
    case 'v': options.verdicts = arg; break;
    case 'l': options.list = true; break;
    case 'x': options.matrix = true; break;
    case ARGP_KEY_ARG: options.impls[options.impl_count++] = arg; break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"suite", 's', "LIST", 0, "suites, comma-separated (default: all)", 0},
    {"format", 'f', "LIST", 0, "of f64, f32, bf16, f16 (default: all)", 0},
    {"op", 'o', "LIST", 0, "of softmax, log_softmax, vjp (default: all; for a command softmax)", 0},
    {"max-ulp", 'u', "U", 0, "for a command: largest error that passes, in ulps (default 1; 0.5: correctly rounded)",
     0},
    {"profile", 'p', "NAME", 0,
     "for a command: its choices for rows without a distribution (strict-zero, nan, jax, "
     "...: see --list, and `maskproof explain PROFILE`)",
     0},
    {"policy", 'p', "CLASS=CHOICE,...", 0, "the same, one by one", 0},
    {"min-cases", 'm', "N", 0, "fewer cases in a suite than this is an error", 0},
    {"timeout", 't', "SECONDS", 0, "for a command: per suite and format (default 300)", 0},
    {"list", 'l', 0, 0, "what there is: implementations, suites, bugs, profiles", 0},
    {"matrix", 'x', 0, 0, "instead of the table: which suite shows which bug, who shows it, and whether it is named",
     0},
    {"verdicts", 'v', "FILE", 0, "write every verdict line to FILE", 0},
    {"jobs", 'j', "N", 0, "subjects at once (default: all cores)", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "[IMPL...]\n-- COMMAND [ARG...]",
    .doc = "Hold implementations to their claims, good and bad, over every suite and format; or judge any command that "
           "reads case lines and prints result lines.  Exit 0: all as claimed; 1: read the table; 77: the command "
           "offers nothing here."
           "\vExamples:\n"
           "  maskproof check\n"
           "  maskproof check where multiply --suite edges,poison --format f32\n"
           "  maskproof check --matrix --op softmax\n"
           "  maskproof check --policy empty=nan,all-ninf=nan -- python3 mine.py"};

/* --- what there is to check --- */

_Noreturn static void stop(const char *why)
{
    fprintf(stderr, "maskproof check: %s\n", why);
    exit(2);
}

static char *text_of(const char *const *argv)
{
    struct pipeline p = {.stage = {{.argv = argv}}};
    if (!pipeline_run(&p)) stop(p.error);
    return p.output;
}

static void list_suites(void)
{
    char *text = text_of(ARGV("maskproof-gen", "--list"));
    entry_count = suites_parse(entries, text);
    check.whole = check.suite_count == 0;
    for (size_t i = 0; check.whole && i < entry_count; i++) check.suites[check.suite_count++] = entries[i].name;
    free(text);
}

static bool asked_for(const struct subject *s)
{
    const char *impl = s->name;
    if (!check.ops[s->op]) return false;
    for (size_t i = 0; i < options.impl_count; i++)
        if (strcmp(impl, options.impls[i]) == 0) return true;
    return options.impl_count == 0;
}

/* A command is one subject for each operation it is asked for. */
static void list_command(void)
{
    static struct subject command[OPS];
    static const char *const names[OPS] = {"command", "command, log", "command, vjp"};
    check.subjects = (struct subjects){command, 0};
    for (int op = 0; op < OPS; op++) {
        if (!check.ops[op]) continue;
        struct subject *s = &command[check.subjects.count++];
        s->name = names[op];
        s->op = op;
    }
}

static void list_subjects(void)
{
    struct subjects *all = &check.subjects;
    char *text = text_of(ARGV("maskproof-run", "--claims"));
    if (!claims_parse(&claims, text)) stop("cannot read what maskproof run --claims printed");
    free(text);
    subjects_from_claims(all, &claims);
    for (size_t i = 0; i < options.impl_count; i++) {
        char why[200];
        snprintf(why, sizeof why, "expected an implementation (maskproof run --list), found '%.80s'", options.impls[i]);
        if (subjects_named(all, options.impls[i]) == NULL) stop(why);
    }
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++)
        if (asked_for(&all->subject[i])) all->subject[kept++] = all->subject[i];
    all->count = kept;
}

/* --- one subject on one suite and format --- */

struct job {
    struct subject *subject;
    struct tally *tally;
    int format;
    const char *suite;
    struct pipeline pipeline;
    char verdicts[SCRATCH_PATH], max_ulp[32];
};

static void start_impl(struct job *job, const char *cases, const char *answers)
{
    const struct claim *c = job->subject->claim[job->format];
    snprintf(job->max_ulp, sizeof job->max_ulp, "%.17g", c->max_ulp);
    job->pipeline = (struct pipeline){
        .stage = {{.argv = ARGV("maskproof-run", c->impl, cases)},
                  {.argv = ARGV("maskproof-judge", answers, "--no-answers", "--quiet", "--subject", c->impl,
                                "--max-ulp", job->max_ulp, "--policy", c->profile, "--min-cases", options.min_cases)}},
        .output_path = job->verdicts};
    if (!pipeline_start(&job->pipeline)) stop(job->pipeline.error);
}

/* A command runs alone first: whatever it does, the judge then reads what it left. */
static void start_command(struct job *job, const char *cases, const char *answers)
{
    char results[SCRATCH_PATH], text[100];
    scratch_path(results, "results");
    struct pipeline run = {
        .stage = {{.argv = options.command}}, .input_path = cases, .output_path = results, .seconds = options.timeout};
    if (!pipeline_run(&run)) {
        int status = run.stage[0].status;
        FILE *f = fopen(results, "r");
        bool silent = f == NULL || fgetc(f) == EOF;
        if (f != NULL) fclose(f);
        if (status == 77 && silent) {
            job->tally->rows[SKIP]++;
            return;
        }
        fprintf(stderr, "%s: %s\n", options.command[0],
                run.timed_out ? "stopped: it ran past --timeout" : pipeline_status_text(status, text, sizeof text));
        job->tally->unexplained++;
    }
    pipeline_free(&run);
    job->pipeline =
        (struct pipeline){.stage = {{.keep_errors = true,
                                     .argv = ARGV("maskproof-judge", answers, results, "--no-answers", "--bugs",
                                                  "--subject", "command", "--max-ulp", options.max_ulp, "--policy",
                                                  options.policy, "--min-cases", options.min_cases)}},
                          .output_path = job->verdicts};
    if (!pipeline_start(&job->pipeline)) stop(job->pipeline.error);
}

/* What the judge says of a command: of each bug the first sentence is kept, the rest goes on to standard error. */
static void hear(struct subject *s, const char *errors)
{
    for (size_t length; *errors != '\0'; errors += length + (errors[length] == '\n')) {
        char name[40] = "";
        unsigned bugs = 0;
        length = strcspn(errors, "\n");
        if (sscanf(errors, "%39[A-Z]: ", name) != 1 || !bug_parse(name, &bugs) || bugs == 0) {
            fprintf(stderr, "%.*s\n", (int)length, errors);
            continue;
        }
        int b = 0;
        while (bugs >> b != 1) b++;
        if (s->said[b] == NULL) s->said[b] = strndup(errors, length);
    }
}

static void finish_job(struct job *job)
{
    const struct claim *c = job->subject->claim[job->format];
    struct source s;
    unsigned allowed = c == NULL ? 0 : claim_allows(c, job->suite);
    if (job->pipeline.stage[0].argv == NULL) return; /* not offered */
    pipeline_wait(&job->pipeline);
    int run = c ? job->pipeline.stage[0].status : 0, judge = job->pipeline.stage[c ? 1 : 0].status;
    if (run != 0 || (judge != 0 && judge != 1 && judge != 77)) stop(job->pipeline.error);
    if (c == NULL) hear(job->subject, job->pipeline.stage[0].errors);
    pipeline_free(&job->pipeline);
    verb_open(&s, job->verdicts);
    while (source_next(&s)) {
        if (verdicts_file != NULL) fprintf(verdicts_file, "%s\n", s.text);
        if (!tally_line(job->tally, s.text, allowed)) source_fail(&s, "expected a verdict line");
    }
    source_close(&s);
}

/* --- all of them --- */

static void run_subjects(const char *cases, const char *answers, size_t suite, int op, int format)
{
    struct job jobs[64];
    struct subject *of_op[MAX_SUBJECTS];
    size_t count = 0, started = 0, finished = 0;
    for (size_t i = 0; i < check.subjects.count; i++)
        if (check.subjects.subject[i].op == op) of_op[count++] = &check.subjects.subject[i];
    for (; finished < count; finished++) {
        for (; started < count && started < finished + options.jobs; started++) {
            struct job *job = &jobs[started % options.jobs];
            char name[40];
            *job = (struct job){.subject = of_op[started], .format = format};
            job->tally = &job->subject->tally[suite][format];
            job->suite = check.suites[suite];
            snprintf(name, sizeof name, "verdicts-%zu", started % options.jobs);
            scratch_path(job->verdicts, name);
            if (options.command != NULL)
                start_command(job, cases, answers);
            else
                start_impl(job, cases, answers);
        }
        finish_job(&jobs[finished % options.jobs]);
    }
}

static void answer(const char *cases, const char *answers)
{
    struct pipeline truth = {.stage = {{.argv = ARGV("maskproof-truth")}}, .input_path = cases, .output_path = answers};
    if (!pipeline_run(&truth)) stop(truth.error);
    pipeline_free(&truth);
}

static void run_suite(const char *cases, const char *answers, size_t suite, int op, int format)
{
    const char *name = check.suites[suite];
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K%s %s %s", op_names[op], name, formats[format].name);
    struct pipeline gen = {.stage = {{.argv = ARGV("maskproof-gen", name, formats[format].name, "--op", op_names[op])}},
                           .output_path = cases};
    if (!pipeline_run(&gen)) exit(2); /* gen has said why */
    pipeline_free(&gen);
    answer(cases, answers);
    run_subjects(cases, answers, suite, op, format);
}

static void run_suites(const char *cases, const char *answers)
{
    bool any[OPS] = {false};
    for (size_t i = 0; i < check.subjects.count; i++) any[check.subjects.subject[i].op] = true;
    for (int op = 0; op < OPS; op++)
        for (size_t s = 0; any[op] && s < check.suite_count; s++)
            for (int f = 0; f < FORMATS; f++)
                if (check.formats[f]) run_suite(cases, answers, s, op, f);
    if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}

/* The witness of a claim, a case whose error must reach 80 % of it: written out, or "SUITE ID" where it is long. */
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
    if (out == NULL) stop(strerror(errno));
    fprintf(out, "witness %s\n", c->witness);
    if (fclose(out) != 0) stop(strerror(errno));
}

static void run_witnesses(const char *cases, const char *answers)
{
    for (size_t i = 0; i < check.subjects.count; i++)
        for (int f = 0; f < FORMATS; f++) {
            const struct claim *c = check.subjects.subject[i].claim[f];
            struct tally tally = {.worst = 0};
            struct job job = {.subject = &check.subjects.subject[i], .suite = "", .tally = &tally, .format = f};
            if (!check.formats[f] || c == NULL || c->witness == NULL) continue;
            write_witness(c, cases);
            answer(cases, answers);
            scratch_path(job.verdicts, "verdicts-0");
            FILE *kept = verdicts_file;
            verdicts_file = NULL; /* not a row of a suite */
            start_impl(&job, cases, answers);
            finish_job(&job);
            verdicts_file = kept;
            check.subjects.subject[i].witness[f] = tally.worst;
        }
}

/* Instead of the table: the matrix of what was run; true if it is as it should be. */
static bool print_matrix(void)
{
    struct matrix m = {.subjects = &check.subjects, .suite_count = check.suite_count};
    bool everyone = options.impl_count == 0;
    for (size_t i = 0; i < check.suite_count; i++) {
        m.suite[i] = check.suites[i];
        m.hunts[i] = suites_hunts(entries, entry_count, check.suites[i]);
    }
    for (int f = 0; f < FORMATS; f++) everyone = everyone && check.formats[f];
    for (int op = 0; op < OPS; op++) everyone = everyone && check.ops[op];
    return matrix_print(&m, everyone, check.whole) == 0;
}

/* The command as a shell takes it: words with anything but plain characters in single quotes. */
static char *as_typed(const char *const *argv)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) abort();
    for (size_t i = 0; argv[i] != NULL; i++) {
        bool plain =
            argv[i][0] != '\0' && argv[i][strspn(argv[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                          "0123456789_./:=+,-")] == '\0';
        fputs(i > 0 ? " " : "", out);
        if (!plain) putc('\'', out);
        for (const char *c = argv[i]; *c != '\0'; c++) fputs(*c == '\'' ? "'\\''" : (char[]){*c, '\0'}, out);
        if (!plain) putc('\'', out);
    }
    fclose(out);
    return text;
}

int main(int argc, char **argv)
{
    char cases[SCRATCH_PATH], answers[SCRATCH_PATH];
    check.policy = policy_default();
    for (int f = 0; f < FORMATS; f++) check.formats[f] = true;
    for (int op = 0; op < OPS; op++) check.ops[op] = true;
    options.impls = calloc((size_t)argc, sizeof *options.impls);
    if (options.impls == NULL) abort();
    for (int i = 1; i < argc && options.command == NULL; i++) {
        if (strcmp(argv[i], "--") != 0) continue;
        options.command = (const char *const *)argv + i + 1;
        argc = i;
    }
    verb_parse(&argp, argc, argv);
    if (options.list) {
        static struct catalogue catalogue;
        catalogue_read(&catalogue);
        catalogue_print(&catalogue);
        finish(0);
    }
    if (options.command != NULL && (options.command[0] == NULL || options.impl_count > 0))
        stop("expected either implementations or -- COMMAND");
    if (options.command != NULL && options.matrix) stop("expected --matrix without a command: it compares claims");
    if (options.command != NULL) check.command = as_typed(options.command);
    for (int op = 1; op < OPS; op++) check.ops[op] = check.ops[op] && (options.ops_given || check.command == NULL);
    if (options.jobs == 0) options.jobs = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    if (options.jobs > 64) options.jobs = 64;
    scratch_open();
    char part[SCRATCH_PATH];
    if (options.verdicts != NULL) {
        snprintf(part, sizeof part, "%.500s.part", options.verdicts);
        scratch_also(part);
        verdicts_file = fopen(part, "w");
        if (verdicts_file == NULL) stop(strerror(errno));
    }
    list_suites();
    if (check.command != NULL)
        list_command();
    else
        list_subjects();
    scratch_path(cases, "cases");
    scratch_path(answers, "answers");
    run_suites(cases, answers);
    if (check.whole && !options.matrix) run_witnesses(cases, answers);
    if (verdicts_file != NULL && (fclose(verdicts_file) != 0 || rename(part, options.verdicts) != 0))
        stop(strerror(errno));
    bool met = options.matrix ? print_matrix() : check_print(&check) == 0;
    bool nothing = true; /* all skipped: not offered here */
    for (size_t i = 0; i < check.subjects.count; i++) {
        struct tally all = subject_in_all(&check.subjects.subject[i]);
        nothing = nothing && all.rows[PASS] + all.rows[FAIL] + all.rows[VOID] == 0;
    }
    finish(!met ? 1 : nothing ? 77 : 0);
}
