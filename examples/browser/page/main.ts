import { announceProgress } from "./announce.ts";
import { controls } from "./controls.ts";
import { digestView } from "./digest.ts";
import { Engine } from "./engine.ts";
import { errorBox } from "./error-box.ts";
import { factsView } from "./facts.ts";
import { checkpointFiles } from "./files.ts";
import { learningCharts } from "./learning.ts";
import { ownLanguages } from "./own-language.ts";
import { ratesView } from "./rates.ts";
import { scoresTable } from "./scores.ts";
import { statsView } from "./stats.ts";
import { themeButton } from "./theme.ts";
import { timingView } from "./timing.ts";
import { tryIt } from "./try-it.ts";

themeButton();
const engine = new Engine();
const views = [
  errorBox,
  controls,
  factsView,
  statsView,
  announceProgress,
  checkpointFiles,
  tryIt,
  learningCharts,
  scoresTable,
  ratesView,
  timingView,
  digestView,
  ownLanguages,
];
for (const view of views) view(engine);
