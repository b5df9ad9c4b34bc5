import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { SCHEDULES } from "../src/schedules/from-data.ts";
import * as schedules from "../src/schedules/index.ts";
import { showScheduled } from "../src/schedules/schedule.ts";
import { ALL_SAMPLES, SAMPLES } from "./reference/schedule-samples.ts";

const { cosineAnnealing, lambda, scaled, scheduleFromData, sequential } = schedules;
const test = suite("schedules: data");

test("every exported schedule is known by its own name", () => {
  const helpers = ["describeSchedule", "durationSteps", "scaleSchedule", "scheduleFromData"];
  const exported = Object.keys(schedules).filter((name) => !helpers.includes(name));
  assert.equal(exported.sort(), Object.keys(SCHEDULES).sort());
  for (const [name, samples] of Object.entries(SAMPLES)) {
    for (const { schedule } of samples) assert.is(schedule.name, name);
  }
});

test("every schedule rebuilds from its data, also after JSON", () => {
  for (const schedule of ALL_SAMPLES) {
    for (const data of [schedule.schedule, JSON.parse(JSON.stringify(schedule.schedule))]) {
      const again = scheduleFromData(data);
      assert.equal(again.schedule, schedule.schedule);
      assert.is(again.base, schedule.base);
      for (let k = 0; k < 50; k++) {
        assert.ok(Object.is(again(k), schedule(k)), `${data.name} at ${k}`);
      }
    }
  }
});

test("every option of every schedule is in some sample's data", () => {
  const hidden: string[] = [];
  for (const samples of Object.values(SAMPLES)) {
    const seen = new Set(samples.flatMap(({ schedule }) => Object.keys(schedule.options)));
    const name = (samples[0] as schedules.Schedule).schedule.name;
    let known = "";
    try {
      (SCHEDULES[name as keyof typeof SCHEDULES] as (options: unknown) => unknown)({ "?": 0 });
    } catch (error) {
      known = /expected one of (.*), got an unknown key$/.exec((error as Error).message)?.[1] ?? "";
    }
    assert.not.equal(known, "", name);
    hidden.push(
      ...known
        .split(", ")
        .filter((key) => !seen.has(key))
        .map((key) => `${name}.${key}`),
    );
  }
  assert.equal(hidden, []);
});

test("data are frozen to the bottom, and apart from what the caller keeps", () => {
  const deepFrozen = (value: unknown): boolean =>
    typeof value !== "object" ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(deepFrozen));
  for (const schedule of ALL_SAMPLES) {
    assert.ok(Object.isFrozen(schedule) && deepFrozen(schedule.schedule), schedule.schedule.name);
  }
  const milestones = [2, 4];
  const lr = schedules.multiStep({ peak: 1, milestones });
  milestones[0] = 99;
  assert.is(lr(3), 0.1);
});

test("data hold a convention only where it is not the default", () => {
  assert.equal(cosineAnnealing({ peak: 1, totalSteps: 2 }).schedule, {
    name: "cosineAnnealing",
    options: { peak: 1, totalSteps: 2, floor: 0 },
  });
  assert.equal(cosineAnnealing({ peak: 1, totalSteps: 2, past: "oscillate" }).schedule.options, {
    peak: 1,
    totalSteps: 2,
    floor: 0,
    past: "oscillate",
  });
});

test("an option given as undefined is left out", () => {
  const options = { peak: 1, totalSteps: 2, floor: undefined, past: undefined };
  const lr = cosineAnnealing(options as unknown as schedules.CosineAnnealingOptions);
  assert.equal(lr.schedule, cosineAnnealing({ peak: 1, totalSteps: 2 }).schedule);
});

test("one line shows schedules inside of schedules", () => {
  const inner = cosineAnnealing({ peak: 1, totalSteps: 2 });
  assert.is(
    showScheduled(
      sequential({ schedules: [0.5, scaled({ schedule: inner, scale: 2 })], milestones: [3] }),
    ),
    "sequential(schedules [constant(value 0.5), scaled(schedule cosineAnnealing(peak 1, totalSteps 2, floor 0), scale 2)], milestones [3])",
  );
  assert.is(
    showScheduled(lambda({ base: 1, factor: () => 1 })),
    'lambda(base 1, factor "function")',
  );
});

test("a vector is shown by its length, its first and its last value", () => {
  const values = Array.from({ length: 1000 }, (_, k) => 1 / (k + 1));
  const long = schedules.vector({ values });
  assert.is(showScheduled(long), "vector(1000 values, 1 to 0.001)");
  assert.is(showScheduled(schedules.vector({ values: [0.5] })), "vector(1 value, 0.5)");
  const held = schedules.vector({ values: [0.5, 0], pastEnd: "hold" });
  assert.is(
    showScheduled(scaled({ schedule: held, scale: 2 })),
    'scaled(schedule vector(2 values, 0.5 to 0, pastEnd "hold"), scale 2)',
  );
});

test("an optimizer takes them for lr and weight decay, and tells them apart", () => {
  const make = (decay: number) =>
    new AdamW(
      { w: new Float32Array([1]) },
      {
        lr: sequential({ schedules: [0.5, 0.25], milestones: [1] }),
        weightDecay: schedules.stepDecay({ peak: decay, stepSize: 1, gamma: 0.5 }),
      },
    );
  const optimizer = make(0.1);
  const before = optimizer.configDigest();
  assert.is(before, make(0.1).configDigest());
  assert.is.not(before, make(0.2).configDigest());
  const rates = [0, 1, 2].map(() => optimizer.step({ w: new Float32Array([1]) }).lr.default);
  assert.equal(rates, [0.5, 0.25, 0.25]);
  optimizer.dispose();
});

test.run();
