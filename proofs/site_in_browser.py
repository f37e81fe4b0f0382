#!/usr/bin/env python3
"""Open every page of a report in Chromium, headless, at the width of a phone and of a desk, light and dark, and say
what is wrong: console errors, requests that leave the machine, overflow, links and anchors that lead nowhere, contrast
below WCAG 2.1 AA, figures without words.  HTML itself is checked by tidy.
SPDX-License-Identifier: MIT
"""
import argparse, asyncio, base64, json, os, pathlib, re, shutil, subprocess, sys, tempfile, urllib.parse
import websockets

VIEWS = [(width, height, scheme) for width, height in ((390, 844), (1280, 900)) for scheme in ("light", "dark")]

# In the page: what is wrong with it as it is shown now, one string each.
PROBE = r"""
(() => {
  const wrong = new Set();
  const root = document.documentElement;
  if (root.scrollWidth > WIDTH) {
    const wide = [...document.body.querySelectorAll('*')].find(e => {
      if (e.closest('.wide, .plot, pre')) return false;
      return e.getBoundingClientRect().right > WIDTH + 1; });
    wrong.add(`overflow: ${root.scrollWidth} px wide in ${WIDTH}` + (wide ? `, first ${wide.tagName} "${wide.textContent.slice(0, 40)}"` : ''));
  }
  const rgba = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n; };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => { const f = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]); };
  const behind = e => { if (!e) return [255, 255, 255, 1];
    const c = rgba(getComputedStyle(e).backgroundColor); return c[3] < 1 ? over(c, behind(e.parentElement)) : c; };
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || e.closest('style, script, title')) continue;
    const closed = e.closest('details:not([open])');
    if (closed && !e.closest('summary')) continue;
    const style = getComputedStyle(e), svg = e.closest('svg') !== null;
    if (style.visibility === 'hidden' || style.display === 'none') continue;
    const ink = rgba(svg ? style.fill : style.color), paper = behind(e.closest('svg') ? e.closest('svg').parentElement : e);
    for (let p = e; p; p = p.parentElement) ink[3] *= Number(getComputedStyle(p).opacity);
    const [a, b] = [light(over(ink, paper)), light(paper)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    texts++;
    if (!(ratio >= (large ? 3 : 4.5)))
      wrong.add(`contrast ${ratio.toFixed(2)}: "${walker.currentNode.data.trim().slice(0, 30)}" in ${e.tagName}.${e.getAttribute('class')}`);
  }
  if (texts < 15) wrong.add(`only ${texts} texts: nothing was drawn`);
  for (const f of document.querySelectorAll('figure')) {
    if (!f.querySelector('figcaption')?.textContent.trim()) wrong.add('a figure without a caption');
    const svg = f.querySelector('svg');
    if (svg && !svg.getAttribute('aria-label')) wrong.add('a picture without alternative text');
    if (svg && svg.querySelectorAll('text').length < 4) wrong.add('a picture without text: no title, no axes');
  }
  for (const e of document.querySelectorAll('.wide, .plot, pre'))
    if (e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0) wrong.add(`cannot be scrolled by keyboard: ${e.className || e.tagName}`);
  if (document.querySelectorAll('h1').length !== 1) wrong.add('not exactly one h1');
  if (!root.lang || !document.title) wrong.add('no language or no title');
  return [...wrong];
})()
"""

LINKS = "[...document.querySelectorAll('[href],[src]')].map(e => e.getAttribute('href') ?? e.getAttribute('src'))"
IDS = "[...document.querySelectorAll('[id]')].map(e => e.id)"
FOCUS = """(() => { const e = document.activeElement; return e.tagName + '.' + e.className; })()"""


class Tab:
    """One page target of the browser, spoken to by the DevTools protocol."""

    def __init__(self, socket):
        self.socket, self.number, self.events = socket, 0, []

    async def call(self, method, **params):
        self.number += 1
        await self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 60))
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.events.append(message)

    async def value(self, expression):
        result = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:400])
        return result["result"]["value"]

    async def open(self, url):
        self.events.clear()
        await self.call("Page.navigate", url=url)
        while not any(e["method"] == "Page.loadEventFired" for e in self.events):
            self.events.append(json.loads(await asyncio.wait_for(self.socket.recv(), 60)))

    async def look(self, width, height, scheme):
        await self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                        mobile=width < 600)
        await self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def shoot(self, path):
        size = (await self.call("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000), "scale": 1}
        shot = await self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


def noises(events):
    """What a page did that it must not: errors, and requests for anything but files and data."""
    for e in events:
        p = e["params"]
        if e["method"] == "Runtime.exceptionThrown":
            yield "exception: " + p["exceptionDetails"]["text"]
        if e["method"] == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert"):
            yield "console: " + json.dumps(p["args"])[:200]
        if e["method"] == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning"):
            yield "log: " + p["entry"]["text"]
        if e["method"] == "Network.requestWillBeSent" and not re.match(r"(file|data|about):", p["request"]["url"]):
            yield "request leaves the machine: " + p["request"]["url"]


def leads_nowhere(pages, ids, links):
    for page, hrefs in links.items():
        for href in hrefs:
            url = urllib.parse.urlsplit(href)
            if url.scheme in ("http", "https", "data"):
                continue
            target = (page.parent / urllib.parse.unquote(url.path)).resolve() if url.path else page
            if not target.exists():
                yield page, f"link to a file that is not there: {href}"
            elif url.fragment and (target not in ids or urllib.parse.unquote(url.fragment) not in ids[target]):
                yield page, f"anchor that is not there: {href}"


async def visit(tab, pages, shots, only):
    problems, ids, links = [], {}, {}
    for page in pages:
        await tab.look(*VIEWS[0])
        await tab.open(page.as_uri())
        ids[page], links[page] = set(await tab.value(IDS)), await tab.value(LINKS)
        for width, height, scheme in VIEWS:
            await tab.look(width, height, scheme)
            problems += [(page, f"{width} px, {scheme}: {what}") for what in await tab.value(PROBE.replace('WIDTH', str(width)))]
            if shots and (not only or page.stem in only):
                await tab.shoot(shots / f"{page.stem}-{width}-{scheme}.png")
        await tab.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        focus = await tab.value(FOCUS)
        if focus != "A.skip":
            problems.append((page, f"the first stop of the Tab key is {focus}, not the link to the text"))
        problems += [(page, what) for what in noises(tab.events)]
    return problems + list(leads_nowhere(pages, ids, links))


async def browse(pages, shots, only):
    with tempfile.TemporaryDirectory() as profile:
        browser = await asyncio.create_subprocess_exec(
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--hide-scrollbars", "--remote-debugging-port=0",
            f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE)
        try:
            while True:
                line = (await asyncio.wait_for(browser.stderr.readline(), 60)).decode()
                if not line:
                    sys.exit("site: chromium ended before it listened")
                if found := re.search(r"ws://[\d.]+:(\d+)/", line):
                    break
            import urllib.request
            listing = f"http://127.0.0.1:{found[1]}/json/list"
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
            targets = json.load(opener.open(listing))
            url = next(t["webSocketDebuggerUrl"] for t in targets if t["type"] == "page")
            async with websockets.connect(url, max_size=None) as socket:
                tab = Tab(socket)
                for domain in ("Page", "Runtime", "Log", "Network"):
                    await tab.call(f"{domain}.enable")
                return await visit(tab, pages, shots, only)
        finally:
            browser.terminate()
            await browser.wait()


def untidy(pages):
    """tidy's errors and warnings, but for what it does not know of newer HTML, and for the empty spans of highlight."""
    for page in pages:
        run = subprocess.run(["tidy", "-quiet", "-errors", "-utf8", page], capture_output=True, text=True)
        for line in run.stderr.splitlines():
            if re.search("(Error|Warning):", line) and not re.search("aria-current|trimming empty <span>", line):
                yield page, f"tidy: {line}"
        if run.returncode > 2:
            yield page, f"tidy ended with {run.returncode}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=pathlib.Path, help="the directory of index.html")
    parser.add_argument("--shots", type=pathlib.Path, help="leave a picture of every page in each view there")
    parser.add_argument("--only", nargs="*", default=[], help="with --shots: of these pages only (index, impl-where)")
    args = parser.parse_args()
    pages = sorted(p.resolve() for p in args.site.glob("*.html"))
    if not any(p.name == "index.html" for p in pages):
        sys.exit(f"site: expected a report with index.html in {args.site}")
    if args.shots:
        args.shots.mkdir(parents=True, exist_ok=True)
    problems = list(untidy(pages)) + asyncio.run(browse(pages, args.shots, args.only))
    for page, what in problems:
        print(f"{page.name}: {what}")
    print(f"site: {len(pages)} pages in {len(VIEWS)} views, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    CHROMIUM = shutil.which("chromium") or sys.exit("site: chromium is not installed")
    shutil.which("tidy") or sys.exit("site: tidy is not installed")
    main()
