"""The account of a run as one page of HTML: charts as inline SVG, nothing loaded from elsewhere, no script."""

import math
import re
from collections.abc import Iterable, Iterator
from html import escape

from .notes import Loss
from .report import Report, TableReport

_CHARTED = 40  # tables with a bar of their own
_WIDTH, _HEIGHT = 480, 200  # of the chart over time, in its own units
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 6, 8, 26  # room around it for the axes
_PARTS = (("rows", "seconds"), ("keys", "key_seconds"), ("proof", "proof_seconds"))
_STYLE = """
:root { color-scheme: light dark; --text: #1d2129; --soft: #5c6470; --line: #d9dde3; --back: #fff; --box: #f5f6f8;
  --rows: #2b6cb0; --keys: #b7791f; --proof: #2f855a; --bad: #b83232; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7ec; --soft: #9aa3b0; --line: #343a44; --back: #15181d;
  --box: #1e2228; --rows: #63a4e6; --keys: #e0ac4f; --proof: #5dbb88; --bad: #f08080; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .25rem 0; } .soft, figcaption { color: var(--soft); }
h1, p, summary, .name, .sample { overflow-wrap: anywhere; } td { min-width: 4rem; overflow-wrap: break-word; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .5rem; margin: 1.25rem 0 0; }
dl div { background: var(--box); border-radius: .5rem; padding: .5rem .75rem; }
dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
figure { margin: 0; } figcaption { font-size: .85rem; margin-bottom: .5rem; }
svg { display: block; } svg.time { width: 100%; max-width: 40rem; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.grid { stroke: var(--line); } .after { fill: var(--line); opacity: .5; } .area { fill: var(--rows); opacity: .85; }
.rows { fill: var(--rows); } .keys { fill: var(--keys); } .proof { fill: var(--proof); }
.whole { white-space: nowrap; } .words, .sample:not(:empty) { display: block; min-width: 12rem; }
.key { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 .8em; border-radius: .15em; }
.key.rows { background: var(--rows); } .key.keys { background: var(--keys); } .key.proof { background: var(--proof); }
.bar { display: grid; grid-template-columns: minmax(6rem, 14rem) 1fr 4.5rem; gap: .5rem; align-items: center;
  font-size: .9rem; } .bar svg { width: 100%; height: .8rem; }
.bar span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.bad { color: var(--bad); font-weight: 600; }
pre { background: var(--box); border-radius: .5rem; padding: .75rem; overflow-x: auto; font-size: .85rem; }
details { border-bottom: 1px solid var(--line); padding: .3rem 0; }
"""


def page(report: Report) -> bytes:
    """The page, in UTF-8; bytes of the source that are not, such as in a name, are escapes in it."""
    body = "\n".join(
        [*_head(report), *_pace(report), *_times(report.tables), *_account(report), *_surprises(report)]
    )
    text = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>Migration of {escape(', '.join(report.source))}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )
    return text.encode("utf-8", "backslashreplace")


def _head(report: Report) -> Iterator[str]:
    rows = sum(table.rows_loaded for table in report.tables)
    size = sum(table.bytes for table in report.tables)
    proved = sum(table.verified for table in report.tables)
    yield f"<header><h1>Migration of {escape(', '.join(report.source))}</h1>"
    yield f"<p>to {escape(report.target)}</p>"
    yield (
        f'<p class="bad">Finished, but {escape(report.shortfall)}.</p>'
        if report.shortfall
        else "<p>Everything was loaded.</p>"
    )
    yield f'<p class="soft">begun {report.begun:%Y-%m-%d %H:%M:%S} UTC</p></header>'
    facts = {
        "rows loaded": f"{rows:,}",
        "tables": f"{len(report.tables):,}",
        "of them proved": f"{proved:,}",
        "MB read": f"{size / 1e6:,.1f}",
        "seconds": f"{report.seconds:,.1f}",
        "MB a second": f"{size / 1e6 / report.seconds:,.0f}" if report.seconds else "–",
    }
    yield (
        "<dl>"
        + "".join(f"<div><dt>{name}</dt><dd>{fact}</dd></div>" for name, fact in facts.items())
        + "</dl>"
    )


def _pace(report: Report) -> Iterator[str]:
    """Bytes a second, over the time of the run."""
    pace, total = report.pace, report.seconds
    if not any(pace.bytes) or not total:
        return
    rates = [size / 1e6 / pace.span for size in pace.bytes]
    # The last span has hardly begun when the last row comes.
    last = report.reading_seconds - pace.span * (len(rates) - 1)
    if 0 < last < pace.span:
        rates[-1] *= pace.span / max(last, pace.span / 4)
    top = _round_up(max(rates))

    def x(seconds: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * min(seconds / total, 1), 1)

    def y(rate: float) -> float:
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * min(rate / top, 1), 1)

    ground = y(0)
    steps = " ".join(
        f"L{x(place * pace.span)},{y(rate)} L{x(min((place + 1) * pace.span, report.reading_seconds))},{y(rate)}"
        for place, rate in enumerate(rates)
    )
    yield "<h2>Over time</h2><figure>"
    yield (
        f"<figcaption>MB of rows read a second. Grey: {total - report.reading_seconds:,.1f} s after the last row, for "
        "keys, proof, references and the move into view.</figcaption>"
    )
    yield f'<svg class="time" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Megabytes a second over time">'
    read = x(report.reading_seconds)
    yield f'<rect class="after" x="{read}" y="{_TOP}" width="{max(x(total) - read, 0):.1f}" height="{ground - _TOP}"/>'
    for share in (0, 0.5, 1):
        at = y(top * share)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at}" y2="{at}"/>'
        yield f'<text x="{_LEFT - 6}" y="{at + 4}" text-anchor="end">{top * share:,g}</text>'
    yield f'<path class="area" d="M{x(0)},{ground} {steps} L{read},{ground} Z"/>'
    for share, anchor in ((0, "start"), (0.5, "middle"), (1, "end")):
        yield f'<text x="{x(total * share)}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{_seconds(total * share)}</text>'
    yield "</svg></figure>"


def _round_up(value: float) -> float:
    """The next number whose half is a round one too."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in (1, 2, 4, 6, 8, 10, 20) if power * step >= value)


def _seconds(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    hours, minutes = divmod(round(seconds) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {round(seconds) % 60} s"


def _times(tables: list[TableReport]) -> Iterator[str]:
    """A bar for each of the tables that took longest."""
    spent = {id(table): sum(getattr(table, attribute) for _, attribute in _PARTS) for table in tables}
    ranked = sorted((table for table in tables if spent[id(table)]), key=lambda table: -spent[id(table)])
    if not ranked:
        return
    longest = spent[id(ranked[0])]
    key = " ".join(f'<span class="whole"><i class="key {name}"></i>{name}</span>' for name, _ in _PARTS)
    yield "<h2>Where the time went</h2><figure>"
    yield f"<figcaption>Seconds of all workers together, by table:{key}</figcaption>"
    for table in ranked[:_CHARTED]:
        name = _name(table.target or table.source)
        label = escape(table.target or table.source)
        at, bars = 0.0, ""
        for part, attribute in _PARTS:
            width = 100 * getattr(table, attribute) / longest
            bars += f'<rect class="{part}" x="{at:.2f}" width="{width:.2f}" height="1"/>'
            at += width
        said = ", ".join(f"{part} {getattr(table, attribute):.1f} s" for part, attribute in _PARTS)
        yield (
            f'<div class="bar"><span class="name">{name}</span><svg viewBox="0 0 100 1" preserveAspectRatio="none" '
            f'role="img" aria-label="{label}: {said}">{bars}</svg><span>{spent[id(table)]:,.1f} s</span></div>'
        )
    if len(ranked) > _CHARTED:
        rest = sum(spent[id(table)] for table in ranked[_CHARTED:])
        yield f'<p class="soft">and {rest:,.1f} s for {len(ranked) - _CHARTED} more tables</p>'
    yield "</figure>"


def _account(report: Report) -> Iterator[str]:
    yield "<h2>The account</h2>"
    yield '<p class="soft">For every table, rows read = rows loaded + rows rejected + rows left out by choice.</p>'
    headings = ("table", "rows read", "loaded", "rejected", "left out", "MB", "proved")
    rows = [
        (
            _name(table.target or table.source),
            f"{table.rows_read:,}",
            f"{table.rows_loaded:,}",
            f'<span class="bad">{table.rows_rejected:,}</span>' if table.rows_rejected else "0",
            f"{table.rows_filtered:,}",
            f"{table.bytes / 1e6:,.1f}",
            "yes" if table.verified else "no",
        )
        for table in report.tables
    ]
    yield _table(headings, rows, numbers=range(1, 7))


def _surprises(report: Report) -> Iterator[str]:
    """What was lost, decided, left out, made besides and renamed."""
    for heading, losses in (
        ("Changed on the way", report.notes.lossy),
        ("Decided from the data", report.decisions),
    ):
        if losses:
            yield f"<h2>{heading}</h2>"
            yield _table(("where", "what", "rows", "the first", "option"), map(_loss, losses), numbers=(2,))
    if report.notes.untranslated:
        yield "<h2>Left out</h2>"
        for one in report.notes.untranslated:
            sql = f"<pre>{escape(one.sql)}</pre>" if one.sql else ""
            said = f"<b>{escape(one.kind)} {escape(one.name)}</b>: {escape(one.reason)}"
            yield f"<details><summary>{said}</summary>{sql}</details>" if sql else f"<p>{said}</p>"
    if report.notes.made:
        yield "<h2>Made besides</h2>"
        yield _table(("kind", "name"), [(escape(kind), escape(name)) for kind, name in report.notes.made])
    if report.renamed:
        yield "<h2>Renamed</h2>"
        names = [(escape(source), escape(became)) for source, (_, became) in report.renamed.items()]
        yield _table(("in MySQL", "now"), names)
    if report.coordinates:
        yield "<h2>Place in the binary log</h2>"
        yield _table(("what", "value"), [(escape(k), escape(v)) for k, v in report.coordinates.items()])


def _loss(loss: Loss) -> tuple[str, ...]:
    where = f"{loss.table}.{loss.column}" if loss.column else loss.table
    count = f"{loss.count:,}" if loss.count else ""
    sample = f'<span class="sample">{escape(loss.sample or "")}</span>'
    option = f'<span class="whole">{escape(loss.option or "")}</span>'
    return _name(where), f'<span class="words">{escape(loss.what)}</span>', count, sample, option


def _name(name: str) -> str:
    """A name that may go on in the next line after a dot or a low line, and only there."""
    return re.sub(r"[._]", r"\g<0><wbr>", escape(name))


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]], numbers: Iterable[int] = ()) -> str:
    right = set(numbers)

    def cells(tag: str, values: Iterable[str]) -> str:
        return "".join(
            f'<{tag} class="number">{value}</{tag}>' if place in right else f"<{tag}>{value}</{tag}>"
            for place, value in enumerate(values)
        )

    lines = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><thead><tr>{cells("th", headings)}</tr></thead>\n<tbody>\n{lines}\n</tbody>'
        "</table></div>"
    )
