/* check - everything at once: implementations, or somebody's command, over suites and formats; what each shows
   against what it claims.  Here: what is asked for, and what there is.
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* asprintf */
#include "check.h"
#include "catalogue.h"
#include "matrix.h"
#include "part.h"
#include "pipeline.h"
#include "verb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct check check = {.max_ulp = "1", .policy_text = "strict-zero", .min_cases = "1", .timeout = 300};
static struct claims claims;
static struct suite_entry entries[MAX_SUITES]; /* all that there are */
static size_t entry_count;
static struct {
    char **impls; /* the names asked for; none: all */
    size_t impl_count;
    const char *verdicts, *json, *junit;
    bool ops_given, list, matrix;
} options;

/* --- options --- */

static void parse_formats(char *list, struct argp_state *state)
{
    memset(check.formats, 0, sizeof check.formats);
    if (strtok(list, ",") == NULL) argp_error(state, "expected --format of f64, f32, bf16, f16, found none");
    for (char *name = list; name != NULL; name = strtok(NULL, ",")) {
        const struct format *f = format_named(name);
        if (f == NULL) argp_error(state, "expected --format of f64, f32, bf16, f16, found '%s'", name);
        check.formats[f - formats] = true;
    }
}

static void parse_ops(char *list, struct argp_state *state)
{
    memset(check.ops, 0, sizeof check.ops);
    options.ops_given = true;
    if (strtok(list, ",") == NULL) argp_error(state, "expected --op of softmax, log_softmax, vjp, found none");
    for (char *name = list; name != NULL; name = strtok(NULL, ",")) {
        int op = 0;
        while (op < OPS && strcmp(name, op_names[op]) != 0) op++;
        if (op == OPS) argp_error(state, "expected --op of softmax, log_softmax, vjp, found '%s'", name);
        check.ops[op] = true;
    }
}

static void parse_suites(char *list, struct argp_state *state)
{
    if (strtok(list, ",") == NULL) argp_error(state, "expected --suite of maskproof gen --list, found none");
    for (char *name = list; name != NULL; name = strtok(NULL, ",")) {
        bool twice = false;
        for (size_t i = 0; i < check.suite_count; i++) twice = twice || strcmp(check.suites[i], name) == 0;
        if (!twice && check.suite_count < MAX_SUITES) check.suites[check.suite_count++] = name;
    }
}

/* A file to write, asked for once. */
static void parse_file(const char **file, const char *option, const char *path, struct argp_state *state)
{
    if (*file != NULL) argp_error(state, "expected %s once, found it twice", option);
    *file = path;
}

static void parse_number(const char **kept, const char *option, const char *text, unsigned long least,
                         unsigned long most, struct argp_state *state)
{
    verb_number(state, option, text, least, most);
    *kept = text;
}

/* --profile and --policy may be given several times, and each adds to those before; so must the text for the judge. */
static void add_policy(const char *text)
{
    static char *all;
    char *longer = NULL;
    if (asprintf(&longer, "%s%s%s", all ? all : "", all ? "," : "", text) < 0) abort();
    free(all);
    check.policy_text = all = longer;
}

enum { SEED = 256, ONCE, COUNT, ROWS, COLS, JSON, JUNIT };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    char error[200], *end;
    switch (key) {
    case 'o': parse_ops(arg, state); break;
    case 's': parse_suites(arg, state); break;
    case 'f': parse_formats(arg, state); break;
    case 'u':
        if (!(strtod(arg, &end) >= 0.5) || *end != '\0' || isinf(strtod(arg, NULL)))
            argp_error(state, "expected --max-ulp to be a number of at least 0.5, found '%s'", arg);
        check.max_ulp = arg;
        break;
    case 'p':
        check.policy_seen = strcmp(arg, "seen") == 0;
        if (check.policy_seen) break;
        if (!policy_apply(&check.policy, arg, error, sizeof error)) argp_error(state, "%s", error);
        add_policy(arg);
        break;
    case 'm': parse_number(&check.min_cases, "--min-cases", arg, 0, ~0ul, state); break;
    case 't': check.timeout = (double)verb_number(state, "--timeout", arg, 1, 86400); break;
    case 'j': check.jobs = verb_number(state, "--jobs", arg, 1, 64); break;
    case ONCE: check.once = true; break;
    case SEED: parse_number(&check.sampling.seed, "--seed", arg, 0, ~0ul, state); break;
    case COUNT: parse_number(&check.sampling.count, "--count", arg, 1, 1ul << 32, state); break;
    case ROWS: parse_number(&check.sampling.rows, "--rows", arg, 1, LINE_MAX_N, state); break;
    case COLS: parse_number(&check.sampling.cols, "--cols", arg, 1, LINE_MAX_N, state); break;
    case 'v': parse_file(&options.verdicts, "--verdicts", arg, state); break;
    case JSON: parse_file(&options.json, "--json", arg, state); break;
    case JUNIT: parse_file(&options.junit, "--junit", arg, state); break;
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
    {"policy", 'p', "seen", 0, "those it shows itself; only what is wrong by any choice then fails (with --once)", 0},
    {"once", ONCE, 0, 0, "start the command once, on all cases together: for one that starts slowly", 0},
    {"min-cases", 'm', "N", 0, "fewer cases in a suite than this is an error", 0},
    {"timeout", 't', "SECONDS", 0,
     "for a command: on each suite and format (default 300); where it hangs from the first, or three times, it is not "
     "asked any more",
     0},
    {"list", 'l', 0, 0, "what there is: implementations, suites, bugs, profiles", 0},
    {"matrix", 'x', 0, 0, "instead of the table: which suite shows which bug, who shows it, and whether it is named",
     0},
    {"json", JSON, "FILE", 0, "write what was seen to FILE, for programs", 0},
    {"junit", JUNIT, "FILE", 0, "for a command: the same as JUnit XML, for CI systems", 0},
    {"verdicts", 'v', "FILE", 0, "write every verdict line to FILE", 0},
    {"jobs", 'j', "N", 0, "implementations at once (default: all cores)", 0},
    {0, 0, 0, 0, "More random rows (see maskproof gen):", 1},
    {"count", COUNT, "N", 0, "cases of each random family", 1},
    {"rows", ROWS, "N", 0, "rows of each random case", 1},
    {"cols", COLS, "N", 0, "entries in a row of each random case", 1},
    {"seed", SEED, "S", 0, "of the random families (default 1)", 1},
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
           "  maskproof check --policy empty=nan,all-ninf=nan -- python3 mine.py\n"
           "  maskproof check --suite plain --count 100000 --cols 16 --json result.json -- python3 mine.py\n"
           "  maskproof check --max-ulp 4 -- maskproof run --so ./libmine.so:my_softmax"};

/* --- what there is to check --- */

static char *text_of(const char *const *argv)
{
    struct pipeline p = {.stage = {{.argv = argv}}};
    if (!pipeline_run(&p)) check_stop(p.error);
    return p.output;
}

static void list_suites(void)
{
    char *text = text_of(ARGV("maskproof-gen", "--list"));
    entry_count = suites_parse(entries, text);
    for (size_t i = 0; i < check.suite_count; i++) {
        bool there = false;
        char why[200];
        for (size_t e = 0; e < entry_count; e++) there = there || strcmp(entries[e].name, check.suites[i]) == 0;
        snprintf(why, sizeof why, "expected a suite (maskproof gen --list), found '%.80s'", check.suites[i]);
        if (!there) check_stop(why);
    }
    const struct sampling *s = &check.sampling;
    check.whole = check.suite_count == 0;
    for (size_t i = 0; check.whole && i < entry_count; i++) check.suites[check.suite_count++] = entries[i].name;
    if (s->seed != NULL || s->count != NULL || s->rows != NULL || s->cols != NULL) check.whole = false;
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
    static struct outcome outcome[OPS][MAX_SUITES][FORMATS];
    static const char *const names[OPS] = {"command", "command, log", "command, vjp"};
    check.subjects = (struct subjects){command, 0};
    for (int op = 0; op < OPS; op++) {
        if (!check.ops[op]) continue;
        struct subject *s = &command[check.subjects.count++];
        s->name = names[op];
        s->op = op;
        s->outcome = outcome[op];
    }
}

static void list_subjects(void)
{
    struct subjects *all = &check.subjects;
    char *text = text_of(ARGV("maskproof-run", "--claims"));
    if (!claims_parse(&claims, text)) check_stop("cannot read what maskproof run --claims printed");
    free(text);
    subjects_from_claims(all, &claims);
    for (size_t i = 0; i < options.impl_count; i++) {
        char why[200];
        snprintf(why, sizeof why, "expected an implementation (maskproof run --list), found '%.80s'", options.impls[i]);
        if (subjects_named(all, options.impls[i]) == NULL) check_stop(why);
    }
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++)
        if (asked_for(&all->subject[i])) all->subject[kept++] = all->subject[i];
    all->count = kept;
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
    check.unmet = matrix_print(&m, everyone, check.whole);
    return check.unmet == 0;
}

/* Everything behind "--" is the command; returns how many words are before it. */
static int take_command(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0) continue;
        check.argv = (const char *const *)argv + i + 1;
        return i;
    }
    return argc;
}

static void refuse_contradictions(void)
{
    if (check.argv != NULL && (check.argv[0] == NULL || options.impl_count > 0))
        check_stop("expected either implementations or -- COMMAND");
    if (check.argv != NULL && options.matrix) check_stop("expected --matrix without a command: it compares claims");
    if (check.argv == NULL && (check.once || check.policy_seen))
        check_stop("expected --once and --policy with a command");
    if (check.policy_seen && !check.once)
        check_stop("expected --once with --policy seen: its results are judged twice");
    const char *files[] = {options.json, options.junit, options.verdicts};
    for (int i = 0; i < 3; i++)
        if (files[i] != NULL && files[(i + 1) % 3] != NULL && strcmp(files[i], files[(i + 1) % 3]) == 0)
            check_stop("expected --json, --junit and --verdicts to be different files");
    if (check.argv == NULL && options.junit != NULL)
        check_stop("expected --junit with a command: maskproof check --junit FILE -- COMMAND");
}

int main(int argc, char **argv)
{
    struct part verdicts, json, junit;
    check.policy = policy_default();
    for (int f = 0; f < FORMATS; f++) check.formats[f] = true;
    for (int op = 0; op < OPS; op++) check.ops[op] = true;
    options.impls = calloc((size_t)argc, sizeof *options.impls);
    if (options.impls == NULL) abort();
    verb_parse(&argp, take_command(argc, argv), argv);
    if (options.list) {
        static struct catalogue catalogue;
        catalogue_read(&catalogue);
        catalogue_print(&catalogue);
        finish(0);
    }
    refuse_contradictions();
    if (check.argv != NULL) check.command = repro_command(check.argv);
    for (int op = 1; op < OPS; op++) check.ops[op] = check.ops[op] && (options.ops_given || check.command == NULL);
    if (check.jobs == 0) check.jobs = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    if (check.jobs > 64) check.jobs = 64;
    scratch_open();
    list_suites();
    if (check.command != NULL)
        list_command();
    else
        list_subjects();
    part_open(&verdicts, options.verdicts);
    part_open(&json, options.json);
    part_open(&junit, options.junit);
    check.verdicts = verdicts.file;
    check.examples = check.command != NULL || options.json != NULL;
    check.witnesses = check.whole && !options.matrix;
    check_run(&check);
    part_close(&verdicts);
    bool met = options.matrix ? print_matrix() : check_print(&check) == 0;
    bool nothing = true; /* all skipped: not offered here */
    for (size_t i = 0; i < check.subjects.count; i++) {
        struct tally all = subject_in_all(&check.subjects.subject[i]);
        nothing = nothing && all.rows[PASS] + all.rows[FAIL] + all.rows[VOID] == 0;
    }
    int status = !met ? 1 : nothing ? 77 : 0;
    if (json.file != NULL) check_json(&check, status, json.file);
    if (junit.file != NULL) check_junit(&check, junit.file);
    part_close(&json);
    part_close(&junit);
    finish(status);
}
