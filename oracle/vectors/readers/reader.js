/* reader.js - holds a masked softmax to the golden vectors, with nothing but JavaScript.  Put yours in place of safe().

     node reader.js [safe|multiply|...] [DIRECTORY]    exit 0: all cases pass, 1: some fail, 2: nothing to check
   SPDX-License-Identifier: MIT */
"use strict";
const fs = require("fs"), path = require("path");

const limits = {f32: 1, f64: 514}; // ulps that you allow; Math.exp(x - max) rounds x - max, which is up to 745
const precision = {f32: [24, -149], f64: [53, -1074]}; // bits, exponent of the smallest number

/* One row: numbers and a mask of 0 and 1 in, probabilities out. */
function safe(x, mask) {
    const top = Math.max(...x.filter((_, i) => mask[i])); // NaN if one is NaN, -Infinity if there is none
    if (top === -Infinity) return x.map(() => 0);
    const e = x.map((v, i) => mask[i] ? Math.exp(v - top) : 0);
    const total = e.reduce((a, b) => a + b, 0);
    return e.map((v, i) => mask[i] ? v / total : 0);
}

const subjects = { // besides it, what must fail: the article's bug, and what a careless check lets pass
    safe,
    multiply: (x, mask) => safe(x.map((v, i) => v * mask[i]), x.map(() => 1)),
    nan: (x, mask) => x.map((_, i) => mask[i] ? NaN : 0),
    zeros: (x) => x.map(() => 0),
    nearly: (x, mask) => safe(x, mask).map((p) => p * (1 - 2 ** -22)),
};

function number(form, word) {
    const bytes = new DataView(Uint8Array.from(word.match(/../g), (byte) => parseInt(byte, 16)).buffer);
    return form === "f32" ? bytes.getFloat32(0) : bytes.getFloat64(0);
}

/* Spacing of the format at the exact value, which frac may put into the binade below the word's. */
function ulp(form, word, frac) {
    const [bits, least] = precision[form], value = number(form, word);
    let e = least; // exponent of the value
    while (e < 0 && 2 ** (e + 1) <= value) e++;
    if (value === 2 ** e && frac < 0) e--;
    return 2 ** Math.max(e - bits + 1, least);
}

/* In ulps of the exact value; infinite where nothing but the word itself will do. */
function error(form, got, word, text) {
    if (word === "nan") return Number.isNaN(got) ? 0 : Infinity;
    if (text === "" && /^0*$/.test(word)) return Object.is(got, 0) ? 0 : Infinity; // masked, or no weight: not -0
    if (!(got >= 0 && got <= 1)) return Infinity; // so that NaN loses
    const frac = Number(text);
    return Math.abs((got - number(form, word)) / ulp(form, word, frac) - frac);
}

/* What one test gives, and the error of each entry. */
function check(softmax, form, test) {
    const x = test.logits.map((word) => number(form, word)), p = [];
    for (let r = 0; r < x.length; r += test.n)
        p.push(...softmax(x.slice(r, r + test.n), test.mask.slice(r, r + test.n)));
    if (p.length !== x.length) return [p, [Infinity]];
    const rounded = form === "f32" ? p.map(Math.fround) : p; // as your own code would store it
    return [p, rounded.map((v, i) => error(form, v, test.expected[i], test.frac[i]))];
}

function main(name = "safe", directory = path.join(__dirname, "..")) {
    const worst = {f32: 0, f64: 0};
    let cases = 0, failed = 0;
    for (const form of Object.keys(limits)) {
        for (const test of JSON.parse(fs.readFileSync(path.join(directory, `${form}.softmax.json`))).tests) {
            const [p, errors] = check(subjects[name], form, test);
            worst[form] = Math.max(worst[form], ...errors);
            cases++;
            if (errors.every((e) => e <= limits[form])) continue;
            failed++;
            console.log(`FAIL ${test.id}: ${p}, expected ${test.value}`);
        }
    }
    console.log(`reader.js, ${name}: ${cases - failed} of ${cases} cases pass; largest error in ulps:`,
                ...Object.entries(worst).map(([form, e]) => `${form} ${e.toPrecision(3)}`));
    return cases === 0 ? 2 : failed ? 1 : 0;
}

const options = process.argv.slice(2);
try {
    if (options.length > 2 || (options.length > 0 && !(options[0] in subjects)))
        throw Error(`expected ${Object.keys(subjects)} and a directory`);
    process.exitCode = main(...options);
} catch (why) {
    console.error(`reader.js: ${why.message}`);
    process.exitCode = 2;
}
