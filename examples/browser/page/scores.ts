import type { EvaluationFigures, LanguageScore } from "../protocol.ts";
import { find, make } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { percent } from "./format.ts";
import { History } from "./history.ts";
import { fullName } from "./names.ts";

/** Test files by language, before training and after it. */
export function scoresTable(engine: Engine): void {
  const host = find("scores", HTMLDivElement);
  const body = make("tbody", "");
  const table = make("table", "scores", caption(), head(), body);
  const more = make("details", "more");
  const moreBody = make("tbody", "");
  const summary = make("summary", "", "Old languages one by one");
  more.append(summary, make("div", "scroll", make("table", "scores", head(), moreBody)));
  host.append(make("div", "scroll", table), more);

  const history = new History(engine, () => {
    const tests = history.evaluations.filter(({ split }) => split === "test");
    const before = tests.find(({ step }) => step === 0);
    const after = tests.findLast(({ step }) => step > 0);
    const known = (after ?? before)?.byLanguage ?? [];
    const rowsOf = (isNew: boolean) =>
      known.filter((each) => each.isNew === isNew).map((each) => row(each, before, after));
    if (known.length === 0) return;
    body.replaceChildren(
      ...rowsOf(true),
      sumRow("All new languages", "is-new", true, before, after),
      sumRow("All old languages", "is-old", false, before, after),
    );
    moreBody.replaceChildren(...rowsOf(false));
    summary.textContent = `${moreBody.rows.length} old languages one by one`;
  });
}

function caption(): HTMLElement {
  return make("caption", "sr-only", "Test files named rightly, before and after training");
}

function head(): HTMLElement {
  const cells = ["Language", "Files", "Before", "After", "After; the mark is before"].map(
    (text, i) => {
      const cell = make("th", i === 0 ? "" : "number", text);
      cell.scope = "col";
      return cell;
    },
  );
  cells[4].className = "bar-column";
  cells[4].ariaHidden = "true";
  return make("thead", "", make("tr", "", ...cells));
}

function row(
  { language, isNew, total }: LanguageScore,
  before: EvaluationFigures | undefined,
  after: EvaluationFigures | undefined,
): HTMLTableRowElement {
  const rightOf = (evaluation: EvaluationFigures | undefined) =>
    evaluation?.byLanguage.find((each) => each.language === language)?.right;
  const now = rightOf(after);
  const then = rightOf(before);
  return makeRow(fullName(language), isNew ? "is-new" : "is-old", {
    files: total,
    before: then === undefined ? "–" : String(then),
    after: now === undefined ? "–" : String(now),
    shares: { before: (then ?? 0) / total, after: now === undefined ? undefined : now / total },
  });
}

function sumRow(
  name: string,
  className: string,
  isNew: boolean,
  before: EvaluationFigures | undefined,
  after: EvaluationFigures | undefined,
): HTMLTableRowElement {
  const share = (evaluation: EvaluationFigures | undefined) =>
    isNew ? evaluation?.newAccuracy : evaluation?.oldAccuracy;
  const scores = (after ?? before)?.byLanguage.filter((each) => each.isNew === isNew) ?? [];
  return makeRow(name, `${className} sum`, {
    files: scores.reduce((sum, { total }) => sum + total, 0),
    before: percent(share(before)),
    after: percent(share(after)),
    shares: { before: share(before) ?? 0, after: share(after) },
  });
}

interface Cells {
  readonly files: number;
  readonly before: string;
  readonly after: string;
  readonly shares: { readonly before: number; readonly after: number | undefined };
}

function makeRow(name: string, className: string, cells: Cells): HTMLTableRowElement {
  const header = make("th", "", name);
  header.scope = "row";
  const fill = make("span", "score-fill");
  fill.style.width = `${100 * (cells.shares.after ?? cells.shares.before)}%`;
  fill.classList.toggle("pale", cells.shares.after === undefined);
  const mark = make("span", "score-mark");
  mark.style.left = `${100 * cells.shares.before}%`;
  const bar = make("td", "bar-column", make("span", "score-bar", fill, mark));
  bar.ariaHidden = "true";
  return make(
    "tr",
    className,
    header,
    make("td", "number", String(cells.files)),
    make("td", "number", cells.before),
    make("td", "number strong", cells.after),
    bar,
  );
}
