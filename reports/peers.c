/* peers - runs other people's libraries through check, every formulation in every format they offer, and prints what
   they return.  A peer is a program in one directory that knows --list and --version (see impls/peers/).
   SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* asprintf */
#include "peers.h"
#include "format.h"
#include "line.h"
#include "machine.h"
#include "part.h"
#include "pipeline.h"
#include "progress.h"
#include "scratch.h"
#include "verb.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *programs, *save, *from, *against, *formats, *suites;
    char **wanted; /* peers asked for; none: all */
    size_t wanted_count, jobs, least;
} options = {.programs = "build/peers"};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'd': options.programs = arg; break;
    case 's': options.save = arg; break;
    case 'f': options.from = arg; break;
    case 'a': options.against = arg; break;
    case 'S': options.suites = arg; break;
    case 'F': options.formats = arg; break;
    case 'm': options.least = verb_number(state, "--min-peers", arg, 0, 1000); break;
    case 'j': options.jobs = verb_number(state, "--jobs", arg, 1, 64); break;
    case ARGP_KEY_ARG: options.wanted[options.wanted_count++] = arg; break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option option_rows[] = {
    {"programs", 'd', "DIRECTORY", 0, "where the peers are (default build/peers; make peer-programs fills it)", 0},
    {"format", 'F', "LIST", 0, "of f64, f32, bf16, f16 (default: all that a peer offers)", 0},
    {"suite", 'S', "LIST", 0, "suites, comma-separated (default: all)", 0},
    {"save", 's', "FILE", 0, "keep what was seen in FILE", 0},
    {"from", 'f', "FILE", 0, "print what was kept there, without running anything", 0},
    {"against", 'a', "FILE", 0, "compare with what was kept there: the same versions must do the same", 0},
    {"min-peers", 'm', "N", 0, "fewer peers that could be run are an error", 0},
    {"jobs", 'j', "N", 0, "peers at once (default: all cores)", 0},
    {0},
};

static const struct argp argp = {
    .options = option_rows,
    .parser = parse,
    .args_doc = "[PEER...]",
    .doc = "What libraries return: every formulation, judged by the choices it shows itself where mathematics gives no "
           "answer, so that what is printed as a fault is wrong by any choice.  Exit 0: done; 1: not as kept, or too "
           "few peers; 77: no peer is installed."
           "\vExamples:\n"
           "  maskproof peers --from reports/peers.tsv\n"
           "  maskproof peers numpy torch --format f32\n"
           "  maskproof peers --save new.tsv --against reports/peers.tsv"};

_Noreturn static void stop(const char *what, const char *why)
{
    progress_clear();
    fprintf(stderr, "maskproof peers: %s: %s\n", what, why);
    exit(2);
}

/* --- what there is --- */

/* The largest error that is no fault of a shifted softmax: rounding x - max once costs half an ulp of 512 in f64, of 64
   in f32 and bf16, of 8 in f16, before the result is subnormal: relative to the result 512, 64, 64 and 8 ulp at most.
   Twice that. */
static const char *const limits[FORMATS] = {[F64] = "1024", [F32] = "128", [BF16] = "128", [F16] = "16"};

struct task {
    const char *peer, *library, *formulation, *formula, *op;
    int format;
    char json[SCRATCH_PATH], *row;
    char *program;
    const char *argv[32];
    struct pipeline pipeline;
    size_t slot;
    bool done;
};
static struct task *tasks;
static size_t task_count, peer_count, skipped_count;

/* What a peer prints, without its last newline; NULL: it is not installed here. */
static char *ask(const char *program, const char *option)
{
    struct pipeline p = {.stage = {{.argv = ARGV(program, option), .keep_errors = true}}, .seconds = 120};
    bool good = pipeline_run(&p);
    char *text = good ? strdup(p.output) : NULL;
    if (text != NULL) text[strcspn(text, "\0") - (text[0] != '\0' && text[strlen(text) - 1] == '\n')] = '\0';
    if (!good && p.stage[0].status != 77) fprintf(stderr, "maskproof peers: %s\n%s", p.error, p.stage[0].errors);
    pipeline_free(&p);
    return text;
}

static void add_task(struct task t)
{
    tasks = realloc(tasks, (task_count + 1) * sizeof *tasks);
    if (tasks == NULL) abort();
    tasks[task_count++] = t;
}

static bool in_list(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; at != NULL; at = strchr(at, ','), at = at ? at + 1 : NULL)
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0')) return true;
    return false;
}

/* One line of --list: name, operations, formats, formula. */
static void add_formulation(const char *peer, char *program, const char *library, char *line)
{
    char *save = NULL, *name = strtok_r(line, "\t", &save), *ops = strtok_r(NULL, "\t", &save);
    char *offered = strtok_r(NULL, "\t", &save), *formula = strtok_r(NULL, "\t", &save);
    if (formula == NULL) stop(program, "expected of --list lines: name, operations, formats, formula, by tabs");
    for (int op = 0; op < OPS; op++)
        for (int f = 0; f < FORMATS; f++)
            if (in_list(ops, op_names[op]) && in_list(offered, formats[f].name) &&
                (options.formats == NULL || in_list(options.formats, formats[f].name)))
                add_task((struct task){peer, library, name, formula, op_names[op], f, .program = program});
}

/* Not .hidden, and not the libraries NAME.so that bench loads. */
static int is_program(const struct dirent *entry) { return strchr(entry->d_name, '.') == NULL; }

static void list_peers(void)
{
    struct dirent **entry;
    int count = scandir(options.programs, &entry, is_program, alphasort);
    if (count < 0) stop(options.programs, "no such directory; make peer-programs fills build/peers");
    for (int i = 0; i < count; i++) {
        bool wanted = options.wanted_count == 0;
        char *program, *save = NULL;
        for (size_t w = 0; w < options.wanted_count; w++)
            wanted = wanted || strcmp(options.wanted[w], entry[i]->d_name) == 0;
        if (!wanted) continue;
        if (asprintf(&program, "%s/%s", options.programs, entry[i]->d_name) < 0) abort();
        char *library = ask(program, "--version"), *list = library ? ask(program, "--list") : NULL;
        if (list == NULL) {
            fprintf(stderr, "not installed here: %s\n", entry[i]->d_name);
            skipped_count++;
            free(program);
            free(library);
            continue;
        }
        peer_count++;
        for (char *line = strtok_r(list, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
            add_formulation(entry[i]->d_name, program, library, line);
    }
}

/* --- run --- */

/* `slot`: no other task that runs has it. */
static void start(struct task *t, size_t slot)
{
    char name[40];
    snprintf(name, sizeof name, "seen-%zu.json", slot);
    scratch_path(t->json, name);
    t->slot = slot;
    const char *const asked[] = {
        "maskproof-check", "--once", "--policy", "seen",        "--max-ulp", limits[t->format],
        "--timeout",       "3600",   "--op",     t->op,         "--format",  formats[t->format].name,
        "--json",          t->json,  "--suite",  options.suites};
    size_t count = options.suites ? 16 : 14;
    memcpy(t->argv, asked, count * sizeof *asked);
    t->argv[count++] = "--";
    t->argv[count++] = t->program;
    t->argv[count] = t->formulation;
    t->pipeline = (struct pipeline){.stage = {{.argv = t->argv, .keep_errors = true}}};
    if (!pipeline_start(&t->pipeline)) stop(t->peer, t->pipeline.error);
}

/* The row of a task, from what check has left. */
static void keep(struct task *t)
{
    int status = t->pipeline.stage[0].status;
    size_t size;
    if (status != 0 && status != 1 && status != 77) stop(t->program, t->pipeline.stage[0].errors);
    FILE *out = open_memstream(&t->row, &size);
    if (out == NULL) abort();
    fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s", t->peer, t->library, t->formulation, t->formula, t->op,
            formats[t->format].name);
    enum seen seen = peers_seen(t->json, formats[t->format].name, out);
    if (seen == SEEN_NO_FILE) stop(t->program, "check left no JSON that can be read");
    fclose(out);
    if (seen == SEEN_NOTHING) t->row[0] = '\0';
    pipeline_free(&t->pipeline);
    unlink(t->json);
    t->done = true;
}

static void run_all(void)
{
    size_t started = 0, running = 0;
    bool busy[64] = {false};
    progress_start(task_count);
    for (size_t finished = 0; finished < task_count;) {
        while (started < task_count && running < options.jobs) {
            struct task *t = &tasks[started++];
            char label[80];
            snprintf(label, sizeof label, "%s %s %s %s", t->peer, t->formulation, t->op, formats[t->format].name);
            progress_step(label);
            size_t slot = 0;
            while (busy[slot]) slot++;
            busy[slot] = true;
            start(t, slot);
            running++;
        }
        for (size_t i = 0; i < started; i++) {
            if (tasks[i].done || !pipeline_done(&tasks[i].pipeline)) continue;
            keep(&tasks[i]);
            busy[tasks[i].slot] = false;
            running--;
            finished++;
        }
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        progress_tick();
    }
    progress_clear();
}

static void write_rows(FILE *out)
{
    char date[40], machine[200];
    time_t now = time(NULL);
    strftime(date, sizeof date, "%Y-%m-%d", gmtime(&now));
    machine_describe(machine, sizeof machine);
    fprintf(out, "# date\t%s\n# machine\t%s\n# maskproof\t%s, line format %d\n", date, machine, MASKPROOF_VERSION,
            LINE_VERSION);
    fputs("# peer\tlibrary\tformulation\tformula\top\tformat\tpassed\tfailed\tskipped\tlargest\tlargest_at\tchoices\t"
          "profile\tfaults\tended\n",
          out);
    for (size_t i = 0; i < task_count; i++)
        if (tasks[i].row[0] != '\0') fprintf(out, "%s\n", tasks[i].row);
}

int main(int argc, char **argv)
{
    struct peers seen, stored;
    struct part part;
    char path[SCRATCH_PATH];
    options.wanted = calloc((size_t)argc, sizeof *options.wanted);
    if (options.wanted == NULL) abort();
    verb_parse(&argp, argc, argv);
    if (options.jobs == 0) options.jobs = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    scratch_open();
    scratch_path(path, "peers.tsv");
    if (options.from == NULL) {
        list_peers();
        if (peer_count == 0) {
            fprintf(stderr, "maskproof peers: none is installed here\n");
            finish(77);
        }
        run_all();
        part_open(&part, options.save ? options.save : path);
        write_rows(part.file);
        part_close(&part);
    }
    peers_read(&seen, options.from ? options.from : options.save ? options.save : path);
    peers_print(&seen, options.programs);
    size_t different = 0;
    if (options.against != NULL) {
        peers_read(&stored, options.against);
        different = peers_compare(&stored, &seen);
        peers_free(&stored);
    }
    peers_free(&seen);
    bool few = options.from == NULL && peer_count < options.least;
    if (few) fprintf(stderr, "maskproof peers: %zu peers ran, expected at least %zu\n", peer_count, options.least);
    finish(different > 0 || few ? 1 : 0);
}
