/* gather - see gather.h.  status.tsv is the diary: its head names programs and options, then comes a line for each step
   that is whole, and last "drawn".
   SPDX-License-Identifier: MIT */
#include "gather.h"
#include "directory.h"
#include "leak_law.h"
#include "machine.h"
#include "pipeline.h"
#include "reach.h"
#include "scratch.h"
#include "share.h"
#include "tsv.h"
#include "verb.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *directory;
    bool quick;
} run;

static const char *in(const char *name) { return path_in(run.directory, name); }

_Noreturn static void fail(const char *what, const char *why)
{
    fprintf(stderr, "maskproof report: %s: %s\n", what, why);
    exit(2);
}

/* --- the steps: each returns an exit code, 1 where there is something to read --- */

/* Run one verb and keep what it prints as NAME, whole.  `worst`: the exit code that is still a result to show. */
static int keep(const char *name, int worst, const char *const *argv)
{
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%s.part", in(name));
    scratch_also(part);
    struct pipeline p = {.stage = {{.argv = argv}}, .output_path = part};
    pipeline_run(&p);
    int status = p.stage[0].status;
    if (status < 0 || status > worst) fail(name, p.error);
    if (rename(part, in(name)) != 0) fail(name, strerror(errno));
    pipeline_free(&p);
    return status;
}

static FILE *begin(const char *name)
{
    FILE *out = fopen(in(name), "w");
    if (out == NULL) fail(name, strerror(errno));
    return out;
}

static int end(const char *name, FILE *out)
{
    if (ferror(out) || fclose(out) != 0) fail(name, strerror(errno));
    return 0;
}

static int claims(void)
{
    keep("suites.txt", 0, ARGV("maskproof-gen", "--list"));
    return keep("claims.tsv", 0, ARGV("maskproof-run", "--claims"));
}

static int about(void)
{
    char model[200];
    struct utsname system = {0};
    FILE *out = begin("about.tsv");
    machine_describe(model, sizeof model);
    uname(&system);
    fprintf(
        out,
        "maskproof\t%s\nline format\t%d\nseed\t1\ncompiler\t%s\nprocessor\t%s\ncores\t%ld\nsystem\t%s %s\nrun\t%s\n",
        MASKPROOF_VERSION, LINE_VERSION, __VERSION__, model, sysconf(_SC_NPROCESSORS_ONLN), system.sysname,
        system.machine, run.quick ? "quick: f32 and f16 only, a short bench, no worked examples" : "whole");
    return end("about.tsv", out);
}

/* The sources, the libraries' table and what is proved are part of what is drawn. */
static int sources(void)
{
    static const char *const texts[] = {"peers.tsv", "proofs.md"};
    char path[PATH_MAX];
    make_directories(in("source"));
    share_path(path, sizeof path, "impls");
    copy_files(path, in("source"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (share_find(path, sizeof path, texts[i])) copy_file(path, in(texts[i]));
    return 0;
}

static int check(void)
{
    const char *formats_asked = run.quick ? "f32,f16" : "f64,f32,bf16,f16";
    return keep("check.txt", 1, ARGV("maskproof-check", "--format", formats_asked, "--verdicts", in("verdicts.tsv")));
}

static int article(void) { return keep("article.tsv", 1, ARGV("maskproof-article", "--tsv")); }

/* The rows of multiply are judged already; only where they lie on the axis is still to be had from their cases. */
static int leak(void)
{
    char cases[SCRATCH_PATH];
    scratch_path(cases, "cases");
    struct pipeline gen = {.stage = {{.argv = ARGV("maskproof-gen", "plain", "f32")}}, .output_path = cases};
    if (!pipeline_run(&gen)) fail("leak.tsv", gen.error);
    FILE *out = begin("leak.tsv");
    leak_law_points(cases, in("verdicts.tsv"), "multiply", "plain", "f32", out);
    pipeline_free(&gen);
    return end("leak.tsv", out);
}

static int reach(void)
{
    FILE *out = begin("reach.tsv");
    reach_measure(out);
    return end("reach.tsv", out);
}

static int normwise(void)
{
    return keep("normwise.tsv", 1,
                run.quick ? ARGV("maskproof-bounds", "--tsv", "--quick") : ARGV("maskproof-bounds", "--tsv"));
}

/* The names in claims.tsv, each once, in order. */
static size_t read_names(char *names[], size_t most)
{
    size_t count = 0;
    struct source s;
    verb_open(&s, in("claims.tsv"));
    while (source_next(&s) && count < most) {
        char name[80];
        if (sscanf(s.text, "%79[^#\t]", name) != 1) continue;
        bool again = false;
        for (size_t i = 0; i < count; i++) again = again || strcmp(names[i], name) == 0;
        if (!again) names[count++] = strdup(name);
    }
    source_close(&s);
    return count;
}

/* A worked example of each implementation, by two processes side by side, which keep the oracle's answers. */
static int explain(void)
{
    enum { NAMES = 256, HALVES = 2 };
    char *names[NAMES];
    size_t count = run.quick ? 0 : read_names(names, NAMES);
    struct pipeline half[HALVES];
    FILE *out = begin("explain.txt");
    for (size_t h = 0; h < HALVES && count > 0; h++) {
        const char *argv[NAMES + 2] = {"maskproof-explain"};
        size_t first = count * h / HALVES, end_of = count * (h + 1) / HALVES;
        for (size_t i = first; i < end_of; i++) argv[1 + i - first] = names[i];
        argv[1 + end_of - first] = NULL;
        half[h] = (struct pipeline){.stage = {{.argv = argv}}};
        if (!pipeline_start(&half[h])) fail("explain.txt", half[h].error);
    }
    for (size_t h = 0; h < HALVES && count > 0; h++) {
        if (!pipeline_wait(&half[h])) fail("explain.txt", half[h].error);
        fprintf(out, "%s\n\n", half[h].output);
        pipeline_free(&half[h]);
    }
    for (size_t i = 0; i < count; i++) free(names[i]);
    return end("explain.txt", out);
}

/* The table again as timings.json, for programs that would rather not cut lines. */
static void write_json(void)
{
    struct tsv t;
    tsv_read(&t, in("timings.tsv"), 1);
    cJSON *document = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(document, "timings");
    cJSON_AddStringToObject(document, "maskproof", MASKPROOF_VERSION);
    for (size_t r = 0; r < t.rows; r++) {
        cJSON *object = cJSON_CreateObject();
        const char *name = t.head;
        for (size_t c = 0; c < t.columns; c++, name += strcspn(name, "\t") + 1) {
            char key[80], *end;
            double value = strtod(t.cell[r][c], &end);
            snprintf(key, sizeof key, "%.*s", (int)strcspn(name, "\t"), name);
            if (t.cell[r][c][0] != '\0' && *end == '\0' && isfinite(value))
                cJSON_AddRawToObject(object, key, t.cell[r][c]);
            else
                cJSON_AddStringToObject(object, key, t.cell[r][c]);
        }
        cJSON_AddItemToArray(list, object);
    }
    char *text = cJSON_Print(document);
    if (text == NULL) fail("timings.json", "out of memory");
    FILE *out = begin("timings.json");
    fprintf(out, "%s\n", text);
    end("timings.json", out);
    free(text);
    cJSON_Delete(document);
    tsv_free(&t);
}

static int timings(void)
{
    int status = keep("timings.tsv", 1,
                      run.quick ? ARGV("maskproof-bench", "--tsv", "--quick") : ARGV("maskproof-bench", "--tsv"));
    write_json();
    return status;
}

static const struct step {
    const char *name, *says;
    int (*take)(void);
} steps[] = {
    {"claims", "what each implementation claims", claims}, {"about", "versions and machine", about},
    {"sources", "sources and stored tables", sources},     {"check", "checking every claim", check},
    {"article", "the article's table", article},           {"leak", "the leak law", leak},
    {"reach", "how large logits may grow", reach},         {"normwise", "errors beside their bound", normwise},
    {"explain", "a worked example of each", explain},      {"timings", "timing what is right", timings},
};
enum { STEPS = sizeof steps / sizeof *steps };

/* --- the diary --- */

/* FNV-1a-64 of the sizes and times of all programs: a rebuilt one makes earlier data stale. */
static uint64_t programs_hash(void)
{
    char path[PATH_MAX];
    uint64_t hash = 0xcbf29ce484222325, sum = 0;
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (slash != NULL) *slash = '\0';
    DIR *programs = opendir(path);
    for (struct dirent *entry; programs != NULL && (entry = readdir(programs)) != NULL;) {
        struct stat file;
        if (strncmp(entry->d_name, "maskproof", 9) != 0 || stat(path_in(path, entry->d_name), &file) != 0) continue;
        hash = (0xcbf29ce484222325 ^ (uint64_t)file.st_mtime) * 0x100000001b3;
        sum += (hash ^ (uint64_t)file.st_size) * 0x100000001b3; /* in whatever order they come */
    }
    if (programs != NULL) closedir(programs);
    return sum;
}

static void spell_head(char *head, size_t size)
{
    snprintf(head, size, "# maskproof %s programs %016llx %s", MASKPROOF_VERSION, (unsigned long long)programs_hash(),
             run.quick ? "quick" : "whole");
}

/* What the diary says of a step: its exit code; -1: not taken. */
static int taken(const char *name)
{
    char line[200], found[40];
    int status = -1, code;
    FILE *diary = fopen(in("status.tsv"), "r");
    while (diary != NULL && fgets(line, sizeof line, diary) != NULL)
        if (sscanf(line, "%39s %d", found, &code) == 2 && strcmp(found, name) == 0) status = code;
    if (diary != NULL) fclose(diary);
    return status;
}

static void note(const char *text)
{
    FILE *diary = fopen(in("status.tsv"), "a");
    if (diary == NULL || fprintf(diary, "%s\n", text) < 0 || fclose(diary) != 0) fail("status.tsv", strerror(errno));
}

static bool goes_on(const char *head)
{
    char line[200] = "";
    FILE *diary = fopen(in("status.tsv"), "r");
    bool same = diary != NULL && fgets(line, sizeof line, diary) != NULL;
    if (diary != NULL) fclose(diary);
    line[strcspn(line, "\n")] = '\0';
    return same && strcmp(line, head) == 0 && taken("drawn") < 0;
}

void gather_seal(const char *directory)
{
    run.directory = directory;
    if (taken("drawn") < 0) note("drawn\t0");
}

bool gather(const char *directory, bool quick)
{
    char head[200], line[80];
    bool good = true;
    run.directory = directory;
    run.quick = quick;
    make_directories(directory);
    spell_head(head, sizeof head);
    if (!goes_on(head)) {
        bool ours = access(in("status.tsv"), F_OK) == 0;
        if (ours) remove_files(in("source"), "");
        if (ours) remove_files(directory, "");
        note(head);
    }
    for (int i = 0; i < STEPS; i++) {
        int status = taken(steps[i].name);
        time_t start = time(NULL);
        if (status < 0) {
            fprintf(stderr, "report: %d of %d: %s\n", i + 1, STEPS, steps[i].says);
            status = steps[i].take();
            snprintf(line, sizeof line, "%s\t%d\t%ld s", steps[i].name, status, (long)(time(NULL) - start));
            note(line);
        }
        good = good && status == 0;
    }
    return good;
}
