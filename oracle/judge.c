/* judge - answers and result lines in, verdict lines out.  Links no oracle: word and frac are all it needs.
   SPDX-License-Identifier: MIT */
#include "ids.h"
#include "verb.h"
#include "verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *answers, *results, *subject;
    double max_ulp;
    struct policy policy;
    unsigned long min_cases;
    bool strict, quiet, bugs;
} options = {.results = "-", .subject = "subject", .max_ulp = 1, .min_cases = 1};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    char error[200], *end;
    switch (key) {
    case 'u':
        options.max_ulp = strtod(arg, &end);
        if (end == arg || *end != '\0' || !(options.max_ulp >= 0.5) || isinf(options.max_ulp))
            argp_error(state, "expected --max-ulp to be a number of at least 0.5, found '%s'", arg);
        break;
    case 'p':
        if (!policy_apply(&options.policy, arg, error, sizeof error)) argp_error(state, "%s", error);
        break;
    case 's': options.subject = arg; break;
    case 'm': options.min_cases = verb_number(state, "--min-cases", arg, 0, ~0ul); break;
    case 'n': options.strict = true; break;
    case 'q': options.quiet = true; break;
    case 'b': options.bugs = true; break;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0)
            options.answers = arg;
        else if (state->arg_num == 1)
            options.results = arg;
        else
            argp_error(state, "expected ANSWERS [RESULTS], found one more argument '%s'", arg);
        break;
    case ARGP_KEY_END:
        if (options.answers == NULL) argp_error(state, "expected ANSWERS, the file of answer lines");
        if (strcmp(options.answers, "-") == 0) argp_error(state, "expected ANSWERS to be a file: it is read twice");
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option rows[] = {
    {"max-ulp", 'u', "U", 0,
     "largest error that passes, in ulps of the exact value (default 1, faithful); 0.5 means "
     "correctly rounded: the same words",
     0},
    {"profile", 'p', "NAME", 0,
     "a named set of choices for rows without a distribution: strict-zero (default), nan, jax, "
     "...; `maskproof check --list` shows them, `maskproof explain PROFILE` says whose they are",
     0},
    {"policy", 'p', "CLASS=CHOICE,...", 0, "single choices, such as empty=nan,tiny=ftz", 0},
    {"subject", 's', "NAME", 0, "name for the first column", 0},
    {"min-cases", 'm', "N", 0, "fewer cases than this is an error (default 1)", 0},
    {"no-answers", 'n', 0, 0, "take result lines only, refuse answer lines given as results", 0},
    {"quiet", 'q', 0, 0, "no summary on standard error", 0},
    {"bugs", 'b', 0, 0, "of the summary, only the smallest row of each bug, in words", 0},
    {0},
};

static const struct argp argp = {
    .options = rows,
    .parser = parse,
    .args_doc = "ANSWERS [RESULTS]",
    .doc =
        "Judge result lines (default standard input) against a file of answer lines.  Prints one tab-separated verdict "
        "per "
        "row: subject suite op format id row status bug ulp at leak sum class choice.  Exit 0: all pass; 1: read the "
        "verdicts; 2: damaged answers."
        "\vExamples:\n"
        "  maskproof gen plain f32 | maskproof truth > answers\n"
        "  maskproof run where < answers | maskproof judge answers --max-ulp 70\n"
        "  maskproof judge answers results.txt --policy empty=nan,all-ninf=nan"};

/* --- the answers, checked whole before the first verdict is printed --- */

struct book {
    char suite[40], seed[40];
    struct ids ids;
    struct line *kept; /* the parsed answers, in order; NULL: too many, they are parsed again */
    size_t kept_count, bytes;
    bool any_plain; /* false: every expected word is zero, -inf or NaN, so passing proves nothing */
};

/* To parse the answers a second time was a fifth of the judge's work on long rows that pass.  A suite's default, at
   most 2^21 entries, takes 70 MB. */
static const size_t keep_bytes = 256ul << 20;

static void forget(struct book *book)
{
    for (size_t i = 0; i < book->kept_count; i++) line_free(&book->kept[i]);
    free(book->kept);
    book->kept = NULL;
    book->kept_count = 0;
}

/* A parsed line moves into the book, if there is room for all of them.  `id`: its own is in a text that is read over.
 */
static void keep(struct book *book, struct line *line, char *id)
{
    book->bytes +=
        sizeof *line + line->capacity * (sizeof *line->mask + 2 * sizeof *line->words + sizeof *line->answer);
    if (book->bytes > keep_bytes) {
        forget(book);
        return;
    }
    if (book->kept_count % 256 == 0) book->kept = realloc(book->kept, (book->kept_count + 256) * sizeof *book->kept);
    if (book->kept == NULL) abort();
    line->id = id;
    book->kept[book->kept_count++] = *line;
    *line = (struct line){0};
}

/* Answer number `next`: the one kept, or the next of the file. */
static const struct line *next_answer(const struct book *book, size_t next, struct source *answers, struct line *line)
{
    if (book->kept != NULL) return next < book->kept_count ? &book->kept[next] : NULL;
    return source_answer(answers, line) ? line : NULL;
}

static void read_head(struct book *book, const char *comment)
{
    sscanf(comment, "# suite %39s", book->suite);
    sscanf(comment, "# seed %39s", book->seed);
}

/* Is something else than zeros, -inf or NaN due in row r? */
static bool can_fail(const struct line *line, size_t r)
{
    bool any = false;
    for (size_t i = r * line->n; i < (r + 1) * line->n && line->class[r] == CLASS_PLAIN; i++)
        any = any || (line->mask[i] && (line->op == LOG_SOFTMAX || !word_is_zero(line->format, line->answer[i].word)));
    return any;
}

static struct book check_answers(const char *path)
{
    struct book book = {.suite = "-", .seed = "1"};
    struct source s;
    struct line line = {0};
    unsigned long promised = 0;
    verb_open(&s, path);
    while (source_next(&s)) {
        if (s.text[strspn(s.text, " \t\r")] == '\0') continue;
        if (s.text[0] == '#') {
            read_head(&book, s.text);
            sscanf(s.text, "# cases %lu", &promised);
            continue;
        }
        if (!line_parse_answer(&line, s.text)) source_fail(&s, line.error);
        for (size_t r = 0; r < line.rows; r++) book.any_plain = book.any_plain || can_fail(&line, r);
        ids_add(&book.ids, line.id);
        keep(&book, &line, book.ids.id[book.ids.count - 1]);
    }
    char why[120];
    snprintf(why, sizeof why, "expected %lu cases as the head says, found %zu", promised, book.ids.count);
    if (promised > book.ids.count) source_fail(&s, why);
    snprintf(why, sizeof why, "expected at least %lu cases, found %zu", options.min_cases, book.ids.count);
    if (book.ids.count < options.min_cases) source_fail(&s, why);
    line_free(&line);
    source_close(&s);
    return book;
}

/* --- results --- */

struct results {
    struct source source;
    struct result result;
    size_t capacity, row_capacity;
    char why[300]; /* what is wrong with the subject's output, if something is */
};

static bool wrong(struct results *in, const char *format, const char *detail)
{
    char text[200];
    snprintf(text, sizeof text, format, detail);
    snprintf(in->why, sizeof in->why, "%s:%zu: %s", in->source.name, in->source.number, text);
    return false;
}

static void reserve(struct results *in, const struct line *line)
{
    size_t entries = line->rows * line->n;
    if (entries > in->capacity) {
        in->capacity = entries;
        in->result.got = realloc(in->result.got, entries * sizeof *in->result.got);
    }
    if (line->rows > in->row_capacity) {
        in->row_capacity = line->rows;
        in->result.row_is_class_name = realloc(in->result.row_is_class_name, line->rows * sizeof(bool));
    }
    if (in->result.got == NULL || in->result.row_is_class_name == NULL) abort();
    memset(in->result.row_is_class_name, 0, line->rows * sizeof(bool));
}

static const char blanks[] = " \t\r";

static bool wrong_word(struct results *in, const struct format *f, const char *t)
{
    return wrong(in,
                 f->digits == 16  ? "expected a word of 16 lower-case hex digits, found '%.40s'"
                 : f->digits == 8 ? "expected a word of 8 lower-case hex digits, found '%.40s'"
                                  : "expected a word of 4 lower-case hex digits, found '%.40s'",
                 t);
}

static bool wrong_count(struct results *in, size_t entries, size_t found)
{
    char count[60];
    snprintf(count, sizeof count, "%zu words, found %zu", entries, found);
    return wrong(in, "expected %s", count);
}

/* The words after '='. */
static bool read_words(struct results *in, const struct line *line, char *text)
{
    size_t entries = line->rows * line->n, found = 0;
    while (found < entries && line_next_word(line->format, &text, &in->result.got[found])) found++;
    const char *t = line_token(&text);
    if (t != NULL && found == entries) return wrong(in, "expected the result to end, found '%.40s'", t);
    if (t != NULL) return wrong_word(in, line->format, t);
    return found == entries || wrong_count(in, entries, found);
}

/* The answers after '=', whose '/', frac and class names are read over. */
static bool read_answers(struct results *in, const struct line *line, char *text)
{
    size_t entries = line->rows * line->n, found = 0;
    for (const char *t; (t = line_token(&text)) != NULL;) {
        size_t r = found / line->n;
        if (strcmp(t, "/") == 0) continue;
        if (found == entries) return wrong(in, "expected the result to end, found '%.40s'", t);
        bool row_start = found % line->n == 0, named = line->class[r] != CLASS_PLAIN;
        if (row_start && named && strcmp(t, class_names[line->class[r]]) == 0) {
            in->result.row_is_class_name[r] = true;
            for (size_t i = 0; i < line->n; i++) in->result.got[found++] = 0;
            continue;
        }
        if (!word_parse(line->format, t, "+-", &in->result.got[found++])) return wrong_word(in, line->format, t);
    }
    return found == entries || wrong_count(in, entries, found);
}

/* Which rule does `id` break, where `line` is the case that comes next? */
static bool misplaced(struct results *in, const struct book *book, size_t next, const char *expected, const char *id)
{
    char text[200];
    size_t at = ids_find(&book->ids, id);
    if (at == IDS_NONE) {
        snprintf(text, sizeof text, "unknown id %.60s; expected the result of %.60s", id, expected);
    } else if (at < next) {
        snprintf(text, sizeof text, "repeated id %.60s; expected the result of %.60s", id, expected);
    } else {
        size_t number = in->source.number; /* of the line to name: the search reads on */
        char *found = strdup(id);
        bool later = false;
        while (!later && source_next(&in->source)) {
            char *text_left = in->source.text;
            const char *t = line_token(&text_left);
            later = t != NULL && strcmp(t, expected) == 0;
        }
        in->source.number = number;
        snprintf(text, sizeof text,
                 later ? "misplaced id %.60s; expected %.60s first" : "found %.60s; the result of %.60s is missing",
                 found ? found : "another", expected);
        free(found);
    }
    return wrong(in, "%s", text);
}

/* Is `word` all there is in the text? */
static bool is_only(const char *text, const char *word)
{
    size_t length = strlen(word);
    text += strspn(text, blanks);
    return strncmp(text, word, length) == 0 && text[length + strspn(text + length, blanks)] == '\0';
}

/* The result of the case `line`, number `next` of the book. */
static bool read_result(struct results *in, const struct book *book, size_t next, const struct line *line)
{
    do {
        if (!source_next(&in->source)) return wrong(in, "expected the result of %.60s, found the end", line->id);
    } while (in->source.text[strspn(in->source.text, " \t\r")] == '\0' || in->source.text[0] == '#');
    reserve(in, line);
    in->result.reply = REPLY_WORDS;
    char *text = in->source.text;
    const char *id = line_token(&text);
    if (strcmp(id, line->id) != 0) return misplaced(in, book, next, line->id, id);
    const char *second = line_token(&text), *t = second;
    bool is_answer = second == NULL || strcmp(second, "=") != 0;
    while (t != NULL && strcmp(t, "=") != 0) t = line_token(&text);
    if (t == NULL || (is_answer && options.strict))
        return wrong(in, "expected a result line 'id = word...', found %.40s after the id",
                     second ? second : "nothing");
    if (is_answer) return read_answers(in, line, text);
    bool skip = is_only(text, "skip");
    if (!skip && !is_only(text, "error")) return read_words(in, line, text);
    in->result.reply = skip ? REPLY_SKIP : REPLY_ERROR;
    in->result.error_declared = error_is_declared(line, &options.policy);
    return true;
}

/* --- verdicts --- */

struct tally {
    size_t rows[4];       /* by status */
    size_t alone[BUGS];   /* failed rows that only this bug explains */
    char said[BUGS][400]; /* of the first of the smallest of them, in a sentence */
    size_t said_entries[BUGS];
    size_t unnamed;
    double worst;
    char worst_id[120], first_failure[120];
};

static double unsigned_nan(double v) { return isnan(v) ? fabs(v) : v; } /* printf writes -nan else */

static void print_verdict(const struct line *line, const struct book *book, size_t r, const struct verdict *v)
{
    char bugs[200];
    bug_spell(v->bugs, bugs);
    printf("%s\t%s\t%s\t%s\t%s\t%zu\t%s\t%s\t%.6g\t%zu\t%.6g\t%.6g\t%s\t%s\n", options.subject, book->suite,
           op_names[line->op], line->format->name, line->id, r, status_names[v->status], bugs, unsigned_nan(v->ulp),
           v->at, unsigned_nan(v->leak), unsigned_nan(v->sum), class_names[line->class[r]], v->choice);
}

/* The smallest case of each bug that shows alone, in words: the easiest to follow. */
static void say_smallest(struct tally *t, const struct symptom *s, unsigned bugs)
{
    size_t entries = s->line->rows * s->line->n;
    for (int b = 0; b < BUGS; b++) {
        if (bugs != 1u << b || (t->said[b][0] != '\0' && entries >= t->said_entries[b])) continue;
        t->said_entries[b] = entries;
        diagnose_say(s, bugs, t->said[b], sizeof t->said[b] - 140);
        snprintf(t->said[b] + strlen(t->said[b]), 140, " (%.100s row %zu)", s->line->id, s->row);
    }
}

static void count(struct tally *t, const struct line *line, const struct verdict *v)
{
    t->rows[v->status]++;
    if (v->status == FAIL && t->first_failure[0] == '\0')
        snprintf(t->first_failure, sizeof t->first_failure, "%s", line->id);
    if (v->status == FAIL && v->bugs == 0) t->unnamed++;
    for (int b = 0; b < BUGS; b++) t->alone[b] += v->bugs == 1u << b;
    if (!isnan(t->worst) && !(v->ulp <= t->worst)) {
        t->worst = v->ulp;
        snprintf(t->worst_id, sizeof t->worst_id, "%s", line->id);
    }
}

static void print_said(const struct tally *t)
{
    for (int b = 0; b < BUGS; b++)
        if (t->said[b][0] != '\0') fprintf(stderr, "%s\n", t->said[b]);
}

static void summarize(const struct tally *t, const struct book *book, int op, const char *format)
{
    size_t judged = t->rows[PASS] + t->rows[FAIL] + t->rows[VOID];
    fprintf(stderr, "%s, %s %s: %zu of %zu rows pass", options.subject, book->suite, format, t->rows[PASS], judged);
    if (t->rows[SKIP] > 0) fprintf(stderr, ", %zu skipped", t->rows[SKIP]);
    if (t->rows[VOID] > 0) fprintf(stderr, ", %zu void (all expected words are 0 or NaN)", t->rows[VOID]);
    for (int b = 0; b < BUGS; b++)
        if (t->alone[b] > 0) fprintf(stderr, "; %s in %zu", bug_names[b], t->alone[b]);
    if (t->unnamed > 0) fprintf(stderr, "; %zu fail without a known signature", t->unnamed);
    if (t->worst_id[0] != '\0') fprintf(stderr, "; worst error %.6g ulp in %s", t->worst, t->worst_id);
    fputc('\n', stderr);
    print_said(t);
    if (t->first_failure[0] != '\0' && strcmp(book->suite, "-") != 0)
        fprintf(stderr, "see it again: maskproof gen %s %s%s%s --seed %s --id %s | maskproof run %s\n", book->suite,
                format, op == SOFTMAX ? "" : " --op ", op == SOFTMAX ? "" : op_names[op], book->seed, t->first_failure,
                options.subject);
}

static void fail_case(struct tally *t, const struct line *line, const struct book *book)
{
    for (size_t r = 0; r < line->rows; r++) {
        struct verdict v = {.status = FAIL, .ulp = NAN, .leak = NAN, .sum = NAN, .choice = "no-result"};
        print_verdict(line, book, r, &v);
        count(t, line, &v);
    }
}

static void judge_case(struct tally *t, const struct line *line, const struct book *book, const struct result *result)
{
    struct batch_facts batch = {.odd_rows = false};
    if (result->reply == REPLY_WORDS) batch = batch_facts(line, result->got);
    for (size_t r = 0; r < line->rows; r++) {
        struct verdict v = judge_row(line, r, result, &options.policy, options.max_ulp, &batch);
        if (v.status == PASS && !book->any_plain) v.status = VOID;
        print_verdict(line, book, r, &v);
        count(t, line, &v);
        if (v.status == FAIL && result->reply == REPLY_WORDS && (options.bugs || !options.quiet))
            say_smallest(t, &(struct symptom){line, result->got, r, v.at, batch}, v.bugs);
    }
}

int main(int argc, char **argv)
{
    options.policy = policy_default();
    verb_parse(&argp, argc, argv);
    struct book book = check_answers(options.answers);
    struct source answers;
    struct line parsed = {0};
    struct results in = {0};
    struct tally tally = {.worst = 0};
    const char *format = "-";
    int op = SOFTMAX;
    verb_open(&answers, options.answers);
    verb_open(&in.source, options.results);
    in.source.from_subject = true;
    bool readable = true;
    const struct line *line;
    for (size_t next = 0; (line = next_answer(&book, next, &answers, &parsed)) != NULL; next++) {
        format = line->format->name;
        op = line->op;
        readable = readable && read_result(&in, &book, next, line);
        if (readable)
            judge_case(&tally, line, &book, &in.result);
        else
            fail_case(&tally, line, &book);
    }
    while (readable && source_next(&in.source))
        if (in.source.text[0] != '#' && in.source.text[strspn(in.source.text, " \t\r")] != '\0')
            readable = wrong(&in, "expected the end after the last case, found '%.40s'", in.source.text);
    if (!readable) fprintf(stderr, "%s: %s\n", options.subject, in.why);
    if (options.bugs) print_said(&tally);
    if (!options.quiet && !options.bugs) summarize(&tally, &book, op, format);
    bool good = readable && tally.rows[FAIL] == 0 && tally.rows[VOID] == 0;
    forget(&book);
    ids_free(&book.ids);
    line_free(&parsed);
    source_close(&answers);
    source_close(&in.source);
    free(in.result.got);
    free(in.result.row_is_class_name);
    bool nothing = tally.rows[PASS] + tally.rows[FAIL] + tally.rows[VOID] == 0; /* all skipped: not offered here */
    finish(!good ? 1 : nothing ? 77 : 0);
}
