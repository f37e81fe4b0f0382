/* results - see results.h.
   SPDX-License-Identifier: MIT */
#include "results.h"
#include "kernels/kernels.h"

#include <unistd.h>

static const char *status_of(const struct timing *t)
{
    return t->judged.pass ? "timed" : t->judged.skipped ? "skipped" : "refused";
}

/* A number, "-" where none was measured; 4 digits are more than a timing has. */
static const char *spell(char *text, size_t size, double value)
{
    snprintf(text, size, isnan(value) ? "-" : "%.4g", value);
    return text;
}

void print_tsv_head(void)
{
    puts("# shape\trows\tn\tdensity\tformat\timpl\tstatus\tns_per_element\tratio\tratio_low\tratio_high\tgb_per_s\t"
         "max_ulp\tnote\tbytes_read\tbytes_written\tpasses\tsigma\tkernel\t"
         "bytes_missed\tfloor_spread");
}

void print_tsv(const struct results *r)
{
    const struct shape *shape = &r->shape;
    for (size_t k = 0; k < r->count; k++) {
        const struct timing *t = &r->timing[k];
        const double number[] = {t->ns,       t->ratio,         t->ratio_interval.low, t->ratio_interval.high,
                                 t->gb_per_s, t->judged.max_ulp};
        char text[40];
        printf("%s\t%zu\t%zu\t%.4g\t%s\t%s\t%s\t", shape->name, shape->rows, shape->n, r->density, r->format->name,
               t->impl, status_of(t));
        for (size_t i = 0; i < sizeof number / sizeof *number; i++) printf("%s\t", spell(text, sizeof text, number[i]));
        printf("%s", t->judged.note);
        const double moved[] = {t->moved.read, t->moved.written, t->moved.passes};
        for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) printf("\t%s", spell(text, sizeof text, moved[i]));
        printf("\t%g\t%s\t%s", shape->sigma, kernels_best()->name, spell(text, sizeof text, t->missed));
        printf("\t%s\n", spell(text, sizeof text, r->floor_spread));
    }
}

static int fastest_first(const void *a, const void *b)
{
    double x = ((const struct timing *)a)->ratio, y = ((const struct timing *)b)->ratio;
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

void print_table(const struct results *r)
{
    const struct shape *shape = &r->shape;
    qsort(r->timing, r->count, sizeof *r->timing, fastest_first);
    printf("\n%s %zux%zu, %.3g %% valid, %s, %zu rounds\n", shape->name, shape->rows, shape->n, 100 * r->density,
           r->format->name, r->rounds);
    printf("%-20s %9s %9s %17s %8s %7s %9s\n", "implementation", "ns/entry", "x floor", "(95 % sure)", "GB/s", "passes",
           "max ulp");
    for (size_t k = 0; k < r->count; k++) {
        const struct timing *t = &r->timing[k];
        char ulp[40], passes[40];
        spell(ulp, sizeof ulp, t->judged.max_ulp);
        snprintf(passes, sizeof passes, isnan(t->moved.passes) ? "-" : "%.2f", t->moved.passes);
        if (t->judged.pass)
            printf("%-20s %9.3f %9.2f %8.2f-%-8.2f %8.2f %7s %9s  %s\n", t->impl, t->ns, t->ratio,
                   t->ratio_interval.low, t->ratio_interval.high, t->gb_per_s, passes, ulp, t->judged.note);
        else
            printf("%-20s %s: %s\n", t->impl, status_of(t), t->judged.note);
    }
}

static void add_number(cJSON *object, const char *key, double value)
{
    char text[40];
    if (isfinite(value))
        cJSON_AddRawToObject(object, key, spell(text, sizeof text, value));
    else
        cJSON_AddNullToObject(object, key);
}

void add_timings(cJSON *document, const struct results *r)
{
    cJSON *list = cJSON_GetObjectItem(document, "timings");
    for (size_t k = 0; k < r->count; k++) {
        const struct timing *t = &r->timing[k];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "shape", r->shape.name);
        cJSON_AddNumberToObject(object, "rows", (double)r->shape.rows);
        cJSON_AddNumberToObject(object, "n", (double)r->shape.n);
        add_number(object, "density", r->density);
        cJSON_AddStringToObject(object, "format", r->format->name);
        cJSON_AddStringToObject(object, "impl", t->impl);
        cJSON_AddStringToObject(object, "status", status_of(t));
        add_number(object, "ns_per_element", t->ns);
        add_number(object, "ratio", t->ratio);
        add_number(object, "ratio_low", t->ratio_interval.low);
        add_number(object, "ratio_high", t->ratio_interval.high);
        add_number(object, "gb_per_s", t->gb_per_s);
        add_number(object, "max_ulp", t->judged.max_ulp);
        cJSON_AddStringToObject(object, "note", t->judged.note);
        add_number(object, "bytes_read", t->moved.read);
        add_number(object, "bytes_written", t->moved.written);
        add_number(object, "passes", t->moved.passes);
        add_number(object, "bytes_missed", t->missed);
        add_number(object, "floor_spread", r->floor_spread);
        add_number(object, "sigma", r->shape.sigma);
        cJSON_AddItemToArray(list, object);
    }
}

/* "model name" of /proc/cpuinfo, which not every architecture has. */
static void cpu_model(char *model, size_t size)
{
    char text[300];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(model, size, "unknown");
    while (file != NULL && fgets(text, sizeof text, file) != NULL) {
        char *colon = strchr(text, ':');
        if (strncmp(text, "model name", 10) != 0 || colon == NULL) continue;
        colon[1 + strcspn(colon + 1, "\n")] = '\0';
        snprintf(model, size, "%s", colon + 1 + strspn(colon + 1, " "));
        break;
    }
    if (file != NULL) fclose(file);
}

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* The date is left out, so that two runs can be compared as text. */
cJSON *new_document(size_t rounds, unsigned long seed)
{
    char model[200], spelled[40];
    cJSON *document = cJSON_CreateObject(), *machine;
    cpu_model(model, sizeof model);
    snprintf(spelled, sizeof spelled, "%lu", seed); /* a double would round it */
    cJSON_AddStringToObject(document, "maskproof", MASKPROOF_VERSION);
    machine = cJSON_AddObjectToObject(document, "machine");
    cJSON_AddStringToObject(machine, "cpu", model);
    cJSON_AddNumberToObject(machine, "cores", (double)sysconf(_SC_NPROCESSORS_ONLN));
    cJSON_AddStringToObject(machine, "compiler", COMPILER);
    cJSON_AddStringToObject(machine, "kernel", kernels_best()->name);
    cJSON_AddNumberToObject(document, "rounds", (double)rounds);
    cJSON_AddRawToObject(document, "seed", spelled);
    cJSON_AddObjectToObject(document, "peers");
    cJSON_AddArrayToObject(document, "timings");
    return document;
}

void add_version(cJSON *document, const char *peer, const char *version)
{
    char name[40];
    cJSON *peers = cJSON_GetObjectItem(document, "peers");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(peer, "."), peer);
    if (cJSON_GetObjectItem(peers, name) == NULL) cJSON_AddStringToObject(peers, name, version);
}
